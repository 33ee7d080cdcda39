// Seeded noise, the same on every platform up to the last bit of log and cos.
#pragma once

#include <cstdint>

#include "base/tensor.h"

namespace impasto {

// [3, height, width]: normal around 0.5 with deviation 0.15, limited to 0 … 1.
Image noise(int width, int height, std::uint32_t seed);

}  // namespace impasto
