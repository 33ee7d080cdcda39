#include "objective/mask.h"

#include <numeric>

#include "base/error.h"

namespace impasto {
namespace {

std::vector<float> halve(const std::vector<float>& mask, int height, int width) {
  const int rows = height / 2;
  const int columns = width / 2;
  std::vector<float> result(static_cast<std::size_t>(rows) * columns);
  for (int y = 0; y < rows; ++y) {
    const float* upper = mask.data() + static_cast<std::size_t>(2 * y) * width;
    const float* lower = upper + width;
    float* target = result.data() + static_cast<std::size_t>(y) * columns;
    for (int x = 0; x < columns; ++x) {
      target[x] = 0.25f * (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
    }
  }
  return result;
}

}  // namespace

std::vector<LayerMask> block_masks(std::span<const float> mask, int height, int width, int blocks) {
  std::vector<LayerMask> result;
  std::vector<float> level(mask.begin(), mask.end());
  for (int block = 0; block < blocks; ++block) {
    if (block > 0) {
      if (!mask.empty()) level = halve(level, height, width);
      height /= 2;
      width /= 2;
    }
    const double area = mask.empty() ? static_cast<double>(height) * width
                                     : std::accumulate(level.begin(), level.end(), 0.0);
    result.push_back({level, area});
  }
  return result;
}

void require_visible(const LayerMask& mask) {
  if (mask.area > 1e-3) return;
  throw Error("bad-picture", "The picture is transparent nearly everywhere.",
              "Choose one with more visible pixels.");
}

}  // namespace impasto
