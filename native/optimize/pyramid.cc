#include "optimize/pyramid.h"

#include <algorithm>
#include <cstddef>

namespace impasto {
namespace {

// One axis of a plane: `count` samples `stride` apart, for each of `lines` lines.
constexpr float kTaps[4] = {0.125f, 0.375f, 0.375f, 0.125f};

struct Plane {
  int height = 0;
  int width = 0;
  std::vector<float> values;
};

int mirrored(int i, int n) {
  if (i < 0) i = -1 - i;
  if (i >= n) i = 2 * n - 1 - i;
  return std::clamp(i, 0, n - 1);
}

// D along rows, then columns: sample j of the result is centered between 2j and 2j + 1.
Plane halve(const Plane& in) {
  const int width = (in.width + 1) / 2, height = (in.height + 1) / 2;
  Plane narrow{in.height, width, std::vector<float>(static_cast<std::size_t>(in.height) * width)};
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < width; ++x) {
      float sum = 0;
      for (int k = 0; k < 4; ++k) {
        sum +=
            kTaps[k] *
            in.values[static_cast<std::size_t>(y) * in.width + mirrored(2 * x - 1 + k, in.width)];
      }
      narrow.values[static_cast<std::size_t>(y) * width + x] = sum;
    }
  }
  Plane out{height, width, std::vector<float>(static_cast<std::size_t>(height) * width)};
  for (int y = 0; y < height; ++y) {
    for (int k = 0; k < 4; ++k) {
      const float* line =
          &narrow.values[static_cast<std::size_t>(mirrored(2 * y - 1 + k, in.height)) * width];
      for (int x = 0; x < width; ++x)
        out.values[static_cast<std::size_t>(y) * width + x] += kTaps[k] * line[x];
    }
  }
  return out;
}

// The transpose of halve() into a plane of the given size, times 4 so that a constant stays one.
Plane spread(const Plane& in, int height, int width) {
  Plane tall{height, in.width, std::vector<float>(static_cast<std::size_t>(height) * in.width)};
  for (int y = 0; y < in.height; ++y) {
    for (int k = 0; k < 4; ++k) {
      float* line =
          &tall.values[static_cast<std::size_t>(mirrored(2 * y - 1 + k, height)) * in.width];
      for (int x = 0; x < in.width; ++x) {
        line[x] += 2 * kTaps[k] * in.values[static_cast<std::size_t>(y) * in.width + x];
      }
    }
  }
  Plane out{height, width, std::vector<float>(static_cast<std::size_t>(height) * width)};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < in.width; ++x) {
      for (int k = 0; k < 4; ++k) {
        out.values[static_cast<std::size_t>(y) * width + mirrored(2 * x - 1 + k, width)] +=
            2 * kTaps[k] * tall.values[static_cast<std::size_t>(y) * in.width + x];
      }
    }
  }
  return out;
}

// x + weight · U (…) D x
void add_coarser(Plane& plane, int levels, float weight) {
  if (levels == 0 || std::min(plane.width, plane.height) < 4) return;
  Plane half = halve(plane);
  add_coarser(half, levels - 1, weight);
  const Plane back = spread(half, plane.height, plane.width);
  for (std::size_t i = 0; i < plane.values.size(); ++i) plane.values[i] += weight * back.values[i];
}

}  // namespace

std::vector<float> smooth_over_scales(std::span<const float> x, int channels, int height, int width,
                                      int levels, double weight) {
  std::vector<float> result;
  result.reserve(x.size());
  const std::size_t size = static_cast<std::size_t>(height) * width;
  for (int c = 0; c < channels; ++c) {
    const auto begin = x.begin() + static_cast<std::ptrdiff_t>(c * size);
    Plane plane{height, width, {begin, begin + static_cast<std::ptrdiff_t>(size)}};
    add_coarser(plane, levels, static_cast<float>(weight));
    result.insert(result.end(), plane.values.begin(), plane.values.end());
  }
  return result;
}

}  // namespace impasto
