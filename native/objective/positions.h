// A sample of a layer's positions, for what grows with their number: the same in every picture of a
// size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace impasto {

// At most `most` of `count` positions, spread over all of them, in their order.
std::vector<std::int64_t> spread_positions(std::size_t count, std::size_t most);

}  // namespace impasto
