#include "paint/motion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "image/resize.h"

namespace impasto {
namespace {

// All empirical, on pans, zooms and moving pieces whose motion is known.
constexpr int kCoarsestSide = 12;
constexpr int kUpdates = 5;  // at each size
constexpr int kSweeps = 15;  // of each update
constexpr float kOverRelaxation = 1.7f;
constexpr int kWindow = 2;           // px on each side
constexpr float kSmoothness = 0.4f;  // of offsets beside each other
constexpr float kRobust = 0.01f;     // misses of color below which they count by their squares
constexpr float kEdge = 0.1f;        // contrast beyond which pixels are tied loosely
constexpr float kLeastTie = 0.05f;
constexpr float kColorTolerance = 0.06f;
constexpr double kLeastTrust = 0.2;    // of a frame that goes on with a shot
constexpr float kWayTolerance = 0.6f;  // px

float at(const Image& image, int channel, int y, int x) {
  y = std::clamp(y, 0, image.height - 1);
  x = std::clamp(x, 0, image.width - 1);
  return image.data[(static_cast<std::size_t>(channel) * image.height + y) * image.width + x];
}

float bilinear(const Image& image, int channel, float y, float x) {
  const int top = static_cast<int>(std::floor(y)), left = static_cast<int>(std::floor(x));
  const float down = y - static_cast<float>(top), across = x - static_cast<float>(left);
  const float above =
      at(image, channel, top, left) * (1 - across) + at(image, channel, top, left + 1) * across;
  const float below = at(image, channel, top + 1, left) * (1 - across) +
                      at(image, channel, top + 1, left + 1) * across;
  return above * (1 - down) + below * down;
}

// Catmull & Rom 1974.
std::array<float, 4> bicubic_weights(float t) {
  return {((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2, ((4 - 3 * t) * t + 1) * t / 2,
          (t - 1) * t * t / 2};
}

float bicubic(const Image& image, int channel, float y, float x) {
  const int top = static_cast<int>(std::floor(y)), left = static_cast<int>(std::floor(x));
  const auto down = bicubic_weights(y - static_cast<float>(top));
  const auto across = bicubic_weights(x - static_cast<float>(left));
  float sum = 0;
  for (int j = 0; j < 4; ++j) {
    for (int i = 0; i < 4; ++i)
      sum += down[j] * across[i] * at(image, channel, top + j - 1, left + i - 1);
  }
  return sum;
}

// Means over windows; the border repeats the outermost pixel.
Image window_means(const Image& maps, int radius) {
  Image rows = maps, result = maps;
  for (int channel = 0; channel < maps.channels; ++channel) {
    for (int y = 0; y < maps.height; ++y) {
      for (int x = 0; x < maps.width; ++x) {
        float sum = 0;
        for (int i = -radius; i <= radius; ++i) sum += at(maps, channel, y, x + i);
        rows.data[(static_cast<std::size_t>(channel) * maps.height + y) * maps.width + x] = sum;
      }
    }
    for (int y = 0; y < maps.height; ++y) {
      for (int x = 0; x < maps.width; ++x) {
        float sum = 0;
        for (int i = -radius; i <= radius; ++i) sum += at(rows, channel, y + i, x);
        const float count = static_cast<float>((2 * radius + 1) * (2 * radius + 1));
        result.data[(static_cast<std::size_t>(channel) * maps.height + y) * maps.width + x] =
            sum / count;
      }
    }
  }
  return result;
}

// Outliers at the borders of what moves.
Image medians(const Image& offsets) {
  Image result = offsets;
  for (int channel = 0; channel < 2; ++channel) {
    for (int y = 0; y < offsets.height; ++y) {
      for (int x = 0; x < offsets.width; ++x) {
        float values[9];
        for (int i = 0; i < 9; ++i) values[i] = at(offsets, channel, y + i / 3 - 1, x + i % 3 - 1);
        std::nth_element(values, values + 4, values + 9);
        result.data[(static_cast<std::size_t>(channel) * offsets.height + y) * offsets.width + x] =
            values[4];
      }
    }
  }
  return result;
}

// How alike a pixel is to the one on its right and the one below: what is of one color moves as
// one.
Image ties_of(const Image& image) {
  Image ties{2, image.height, image.width, {}};
  ties.data.resize(ties.size());
  const std::size_t plane = image.plane();
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * image.width + x;
      float right = 0, below = 0;
      for (int channel = 0; channel < image.channels; ++channel) {
        const float here = at(image, channel, y, x);
        right += std::abs(at(image, channel, y, x + 1) - here);
        below += std::abs(at(image, channel, y + 1, x) - here);
      }
      if (x + 1 < image.width) ties.data[i] = kLeastTie + std::exp(-right / kEdge);
      if (y + 1 < image.height) ties.data[plane + i] = kLeastTie + std::exp(-below / kEdge);
    }
  }
  return ties;
}

// The data's pull at the offsets so far: for each pixel the weighted normal equations of its
// window, [5, H, W]: xx, xy, yy and the right-hand sides.
Image equations_at(const Image& now, const Image& before, const Image& offsets) {
  const std::size_t plane = now.plane();
  Image sums{5, now.height, now.width, std::vector<float>(5 * plane)};
  Image warped = now;
  for (int channel = 0; channel < now.channels; ++channel) {
    for (int y = 0; y < now.height; ++y) {
      for (int x = 0; x < now.width; ++x) {
        const std::size_t i = static_cast<std::size_t>(y) * now.width + x;
        warped.data[channel * plane + i] =
            bilinear(before, channel, static_cast<float>(y) + offsets.data[plane + i],
                     static_cast<float>(x) + offsets.data[i]);
      }
    }
  }
  for (int channel = 0; channel < now.channels; ++channel) {
    for (int y = 0; y < now.height; ++y) {
      for (int x = 0; x < now.width; ++x) {
        const std::size_t i = static_cast<std::size_t>(y) * now.width + x;
        const auto slope = [&](const Image& image, int down, int across) {
          return (at(image, channel, y + down, x + across) -
                  at(image, channel, y - down, x - across)) /
                 2;
        };
        const float dx = (slope(now, 0, 1) + slope(warped, 0, 1)) / 2;
        const float dy = (slope(now, 1, 0) + slope(warped, 1, 0)) / 2;
        const float miss = warped.data[channel * plane + i] - now.data[channel * plane + i];
        const float weight = 1 / std::sqrt(miss * miss + kRobust * kRobust);
        sums.data[i] += weight * dx * dx;
        sums.data[plane + i] += weight * dx * dy;
        sums.data[2 * plane + i] += weight * dy * dy;
        sums.data[3 * plane + i] += weight * dx * miss;
        sums.data[4 * plane + i] += weight * dy * miss;
      }
    }
  }
  return window_means(sums, kWindow);
}

void improve(const Image& now, const Image& before, const Image& ties, Image& offsets) {
  const std::size_t plane = now.plane();
  const Image equations = equations_at(now, before, offsets);
  const Image start = offsets;
  float* const u = offsets.data.data();
  float* const v = u + plane;
  const float* const e = equations.data.data();
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (int y = 0; y < now.height; ++y) {
      for (int x = 0; x < now.width; ++x) {
        const std::size_t i = static_cast<std::size_t>(y) * now.width + x;
        float tie = 1e-6f, sum_u = 1e-6f * u[i], sum_v = 1e-6f * v[i];
        const auto add = [&](std::size_t neighbor, float strength) {
          const float weight = kSmoothness * strength;
          tie += weight;
          sum_u += weight * u[neighbor];
          sum_v += weight * v[neighbor];
        };
        if (x > 0) add(i - 1, ties.data[i - 1]);
        if (x + 1 < now.width) add(i + 1, ties.data[i]);
        if (y > 0) add(i - now.width, ties.data[plane + i - now.width]);
        if (y + 1 < now.height) add(i + now.width, ties.data[plane + i]);
        const float xx = e[i], xy = e[plane + i], yy = e[2 * plane + i];
        const float new_u =
            (sum_u + xx * start.data[i] - xy * (v[i] - start.data[plane + i]) - e[3 * plane + i]) /
            (xx + tie);
        u[i] += kOverRelaxation * (new_u - u[i]);
        const float new_v =
            (sum_v + yy * start.data[plane + i] - xy * (u[i] - start.data[i]) - e[4 * plane + i]) /
            (yy + tie);
        v[i] += kOverRelaxation * (new_v - v[i]);
      }
    }
  }
}

Image find_offsets(const Image& now, const Image& before) {
  std::vector<std::pair<Image, Image>> sizes{{now, before}};
  while (std::min(sizes.back().first.width, sizes.back().first.height) >= 2 * kCoarsestSide) {
    const Image& last = sizes.back().first;
    const int width = (last.width + 1) / 2, height = (last.height + 1) / 2;
    sizes.emplace_back(resize(last, width, height, Filter::kBilinear),
                       resize(sizes.back().second, width, height, Filter::kBilinear));
  }
  Image offsets{2, sizes.back().first.height, sizes.back().first.width, {}};
  offsets.data.resize(offsets.size());
  for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
    const auto& [a, b] = *size;
    const float by_x = static_cast<float>(a.width) / static_cast<float>(offsets.width);
    const float by_y = static_cast<float>(a.height) / static_cast<float>(offsets.height);
    offsets = resize(offsets, a.width, a.height, Filter::kBilinear);
    for (std::size_t i = 0; i < offsets.plane(); ++i) {
      offsets.data[i] *= by_x;
      offsets.data[offsets.plane() + i] *= by_y;
    }
    const Image ties = ties_of(a);
    for (int update = 0; update < kUpdates; ++update) improve(a, b, ties, offsets);
    offsets = medians(offsets);
  }
  return offsets;
}

}  // namespace

Image carry_along(const Image& before, const Motion& motion, const Image& now, double share) {
  const Image offsets = resize(motion.offsets, now.width, now.height, Filter::kBilinear);
  const Image trust = resize(motion.trust, now.width, now.height, Filter::kBilinear);
  const float by_x = static_cast<float>(now.width) / static_cast<float>(motion.offsets.width);
  const float by_y = static_cast<float>(now.height) / static_cast<float>(motion.offsets.height);
  Image result = now;
  const std::size_t plane = now.plane();
  for (int y = 0; y < now.height; ++y) {
    for (int x = 0; x < now.width; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * now.width + x;
      const float from_x = static_cast<float>(x) + by_x * offsets.data[i];
      const float from_y = static_cast<float>(y) + by_y * offsets.data[plane + i];
      const float part = static_cast<float>(share) * trust.data[i];
      for (int channel = 0; channel < 3; ++channel) {
        float& value = result.data[channel * plane + i];
        value += part * (bicubic(before, channel, from_y, from_x) - value);
      }
    }
  }
  clamp_to_unit(result);
  return result;
}

bool is_cut(const Motion& motion) {
  const std::vector<float>& trust = motion.trust.data;
  const double sum = std::accumulate(trust.begin(), trust.end(), 0.0);
  return sum < kLeastTrust * static_cast<double>(trust.size());
}

Motion find_motion(const Image& now, const Image& before) {
  Motion motion{find_offsets(now, before), {1, now.height, now.width, {}}};
  const Image back = find_offsets(before, now);
  const std::size_t plane = now.plane();
  motion.trust.data.resize(plane);
  for (int y = 0; y < now.height; ++y) {
    for (int x = 0; x < now.width; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * now.width + x;
      const float dx = motion.offsets.data[i], dy = motion.offsets.data[plane + i];
      const float from_x = static_cast<float>(x) + dx, from_y = static_cast<float>(y) + dy;
      if (from_x < -1 || from_y < -1 || from_x > static_cast<float>(now.width) ||
          from_y > static_cast<float>(now.height)) {
        continue;
      }
      float color = 0;
      for (int channel = 0; channel < now.channels; ++channel) {
        const float miss =
            bilinear(before, channel, from_y, from_x) - now.data[channel * plane + i];
        color += miss * miss / static_cast<float>(now.channels);
      }
      const float way = std::hypot(dx + bilinear(back, 0, from_y, from_x),
                                   dy + bilinear(back, 1, from_y, from_x));
      motion.trust.data[i] = std::exp(-color / (kColorTolerance * kColorTolerance)) *
                             std::exp(-way * way / (kWayTolerance * kWayTolerance));
    }
  }
  motion.trust = window_means(motion.trust, 1);
  return motion;
}

}  // namespace impasto
