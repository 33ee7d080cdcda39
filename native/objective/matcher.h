// For each of many vectors the one among a style's that is most like it, by the cosine: matrix
// products in tiles, so that memory is bounded whatever the sizes.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "ort/session.h"

namespace impasto {

class Matcher {
 public:
  // candidates: [count, length]; must not be empty. On the CPU, with that many threads.
  Matcher(std::span<const float> candidates, std::size_t length, int threads);

  // Writes `rows` queries from number `first` on: [rows, length].
  using Fill = std::function<void(std::size_t first, std::size_t rows, float* queries)>;
  // The index of the best candidate for each of `count` queries.
  std::vector<std::size_t> match(std::size_t count, const Fill& fill);

 private:
  std::size_t tile_;                       // queries at once
  std::vector<float> candidates_;          // [length, count], each of length 1
  std::vector<float> queries_;             // [tile, length]
  std::vector<float> best_;                // [tile]
  std::unique_ptr<ort::Session> session_;  // last: it points into what stands above
};

}  // namespace impasto
