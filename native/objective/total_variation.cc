#include "objective/total_variation.h"

#include <cmath>
#include <cstddef>

namespace impasto {
namespace {

// One direction: value and gradient of coefficient · Σ |b − a|^p over the pairs of pixels that lie
// (down, right) apart. `right` may be -1.
template <bool kAbsolute>
double directed(std::span<const float> pixels, int height, int width, int down, int right,
                double coefficient, double weight, std::span<float> gradient) {
  const std::size_t row = static_cast<std::size_t>(width);
  const std::size_t plane = row * static_cast<std::size_t>(height);
  const int first = right < 0 ? 1 : 0;
  const int last = right > 0 ? width - 1 : width;
  const float slope = static_cast<float>((kAbsolute ? 1 : 2) * coefficient * weight);
  const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(down) * width + right;
  double sum = 0;
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y + down < height; ++y) {
      const std::size_t start = static_cast<std::size_t>(channel) * plane + row * y;
      const float* a = pixels.data() + start;
      const float* b = a + step;
      float* to_a = gradient.data() + start;
      float* to_b = to_a + step;
      double row_sum = 0;
      for (int x = first; x < last; ++x) {
        const float difference = b[x] - a[x];
        float pull = difference;
        if constexpr (kAbsolute) {
          row_sum += std::abs(difference);
          pull = static_cast<float>((difference > 0) - (difference < 0));
        } else {
          row_sum += static_cast<double>(difference) * difference;
        }
        to_a[x] -= slope * pull;
        to_b[x] += slope * pull;
      }
      sum += row_sum;
    }
  }
  return coefficient * sum;
}

}  // namespace

double total_variation(std::span<const float> pixels, int height, int width, TvNorm norm,
                       double weight, std::span<float> gradient) {
  const double vertical = 1 / (3.0 * (height - 1) * width);
  const double horizontal = 1 / (3.0 * height * (width - 1));
  const double all = 1 / (3.0 * height * width);
  const auto squared = [&](int down, int right, double coefficient) {
    return directed<false>(pixels, height, width, down, right, coefficient, weight, gradient);
  };
  const auto absolute = [&](int down, int right, double coefficient) {
    return directed<true>(pixels, height, width, down, right, coefficient, weight, gradient);
  };
  switch (norm) {
    case TvNorm::kL2:
      return squared(1, 0, vertical) + squared(0, 1, horizontal);
    case TvNorm::kL1:
      return absolute(1, 0, vertical) + absolute(0, 1, horizontal);
    case TvNorm::kNinePoint:
      return squared(0, 1, all * 2 / 3) + squared(1, 0, all * 2 / 3) + squared(1, 1, all / 6) +
             squared(1, -1, all / 6);
  }
  return 0;
}

}  // namespace impasto
