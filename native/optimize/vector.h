// Sums over long vectors: float products, double sums in eight lanes, so that compilers vectorize
// them and the result is the same for every thread count.
#pragma once

#include <cstddef>
#include <span>

namespace impasto {

inline double dot(std::span<const float> a, std::span<const float> b) {
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) {
    for (int k = 0; k < 8; ++k) lanes[k] += static_cast<double>(a[i + k]) * b[i + k];
  }
  for (; i < a.size(); ++i) lanes[0] += static_cast<double>(a[i]) * b[i];
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

// y += factor · x
inline void add_scaled(std::span<float> y, double factor, std::span<const float> x) {
  const float f = static_cast<float>(factor);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += f * x[i];
}

}  // namespace impasto
