#include "image/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "machine/side_by_side.h"

namespace impasto {
namespace {

struct Kernel {
  double radius;
  double (*value)(double);
};

double triangle(double x) { return std::max(0.0, 1 - std::abs(x)); }

// Keys 1981 with a = -1/2.
double catmull_rom(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

double lanczos3(double x) {
  if (x == 0) return 1;
  if (std::abs(x) >= 3) return 0;
  const double px = std::numbers::pi * x;
  return 3 * std::sin(px) * std::sin(px / 3) / (px * px);
}

Kernel choose(Filter filter, bool shrinks) {
  switch (filter) {
    case Filter::kBilinear:
      return {1, triangle};
    case Filter::kBicubic:
      return {2, catmull_rom};
    case Filter::kArea:
    case Filter::kSmooth:
      break;
  }
  return shrinks ? Kernel{3, lanczos3} : Kernel{2, catmull_rom};
}

// The taps of one output sample: `weights` of the inputs from `first` on.
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

// Each input counts by how much of it the output covers.
std::vector<Taps> make_area_taps(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  std::vector<Taps> taps(to);
  for (int i = 0; i < to; ++i) {
    const double begin = i * scale;
    const double end = (i + 1) * scale;
    taps[i].first = std::min(static_cast<int>(begin), from - 1);
    for (int j = taps[i].first; j < from && (j < end || j == taps[i].first); ++j) {
      const double covered = std::min<double>(j + 1, end) - std::max<double>(j, begin);
      taps[i].weights.push_back(static_cast<float>(covered / scale));
    }
  }
  return taps;
}

std::vector<Taps> make_taps(int from, int to, Filter filter) {
  if (filter == Filter::kArea) return make_area_taps(from, to);
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(1.0, scale);
  const Kernel kernel = choose(filter, scale > 1);
  std::vector<Taps> taps(to);
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale - 0.5;
    const int low = static_cast<int>(std::ceil(center - kernel.radius * stretch));
    const int high = static_cast<int>(std::floor(center + kernel.radius * stretch));
    const int first = std::clamp(low, 0, from - 1);
    const int last = std::clamp(high, 0, from - 1);
    std::vector<double> weights(last - first + 1);
    double sum = 0;
    for (int j = low; j <= high; ++j) {
      const double weight = kernel.value((j - center) / stretch);
      weights[std::clamp(j, 0, from - 1) - first] += weight;
      sum += weight;
    }
    taps[i].first = first;
    taps[i].weights.reserve(weights.size());
    for (const double weight : weights) taps[i].weights.push_back(static_cast<float>(weight / sum));
  }
  return taps;
}

}  // namespace

Image resize(const Image& image, int width, int height, Filter filter, int threads) {
  if (image.width == width && image.height == height) return image;
  const std::vector<Taps> columns = make_taps(image.width, width, filter);
  const std::vector<Taps> rows = make_taps(image.height, height, filter);

  Image result{image.channels, height, width, {}};
  result.data.resize(result.size());
  std::vector<float> narrow(static_cast<std::size_t>(image.height) * width);
  for (int channel = 0; channel < image.channels; ++channel) {
    const float* source = image.data.data() + channel * image.plane();
    in_bands(image.height, threads, [&](int begin, int end) {
      for (int y = begin; y < end; ++y) {
        const float* in = source + static_cast<std::size_t>(y) * image.width;
        float* out = narrow.data() + static_cast<std::size_t>(y) * width;
        for (int x = 0; x < width; ++x) {
          const Taps& taps = columns[x];
          float sum = 0;
          for (std::size_t k = 0; k < taps.weights.size(); ++k)
            sum += taps.weights[k] * in[taps.first + k];
          out[x] = sum;
        }
      }
    });
    in_bands(height, threads, [&](int begin, int end) {
      for (int y = begin; y < end; ++y) {
        float* out =
            result.data.data() + channel * result.plane() + static_cast<std::size_t>(y) * width;
        std::fill(out, out + width, 0.0f);
        for (std::size_t k = 0; k < rows[y].weights.size(); ++k) {
          const float weight = rows[y].weights[k];
          const float* in = narrow.data() + (rows[y].first + k) * width;
          for (int x = 0; x < width; ++x) out[x] += weight * in[x];
        }
      }
    });
  }
  return result;
}

void clamp_to_unit(Image& image) {
  for (float& value : image.data) value = std::clamp(value, 0.0f, 1.0f);
}

}  // namespace impasto
