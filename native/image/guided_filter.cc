#include "image/guided_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "image/resize.h"

namespace impasto {
namespace {

// Long side at which coefficients are computed. A window is the same part of the picture at every
// size, so that a small picture shows what a large one will be.
constexpr int kCoefficientSide = 256;
// Half a window's side, of the long side. Empirical: smaller ones keep strokes, larger ones mix the
// colors of neighboring objects.
constexpr double kRadius = 1.0 / 32;
// Contrast of the guide, squared, that counts as an edge; empirical.
constexpr double kEpsilon = 1e-4;

using Plane = std::vector<double>;  // [h, w]

// Sums over ±radius along the first axis of values [n, width].
void sum_windows(const Plane& in, Plane& out, int n, int width, int radius) {
  std::vector<double> sum(width);
  const auto add = [&](int i, double sign) {
    for (int x = 0; x < width; ++x) sum[x] += sign * in[static_cast<std::size_t>(i) * width + x];
  };
  for (int i = 0; i < std::min(radius, n); ++i) add(i, 1);
  for (int i = 0; i < n; ++i) {
    if (i + radius < n) add(i + radius, 1);
    if (i - radius - 1 >= 0) add(i - radius - 1, -1);
    std::copy(sum.begin(), sum.end(), out.begin() + static_cast<std::ptrdiff_t>(i) * width);
  }
}

// The same along the second.
void sum_row_windows(const Plane& in, Plane& out, int n, int radius) {
  for (std::size_t row = 0; row < in.size(); row += n) {
    double sum = 0;
    for (int i = 0; i < std::min(radius, n); ++i) sum += in[row + i];
    for (int i = 0; i < n; ++i) {
      if (i + radius < n) sum += in[row + i + radius];
      if (i - radius - 1 >= 0) sum -= in[row + i - radius - 1];
      out[row + i] = sum;
    }
  }
}

int covered(int i, int n, int radius) {
  return std::min(n - 1, i + radius) - std::max(0, i - radius) + 1;
}

struct Windows {
  int height, width, radius;

  std::size_t plane() const { return static_cast<std::size_t>(height) * width; }

  // Means over the windows around each pixel; they end at the border.
  Plane mean(const Plane& values) const {
    Plane rows(plane()), result(plane());
    sum_row_windows(values, rows, width, radius);
    sum_windows(rows, result, height, width, radius);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        result[static_cast<std::size_t>(y) * width + x] /=
            covered(y, height, radius) * covered(x, width, radius);
      }
    }
    return result;
  }

  Plane mean_of_product(const float* a, const float* b) const {
    Plane product(plane());
    for (std::size_t i = 0; i < product.size(); ++i) product[i] = static_cast<double>(a[i]) * b[i];
    return mean(product);
  }

  Plane mean_of(const float* values) const { return mean(Plane(values, values + plane())); }
};

// What each window knows of the guide: mean, and inverse of covariance + ε (upper half, by rows).
struct GuideWindows {
  std::array<Plane, 3> mean;
  std::array<Plane, 6> inverse;
};

// Position of (a, b), a ≤ b, in the upper half of a symmetric 3 × 3 matrix.
constexpr int upper(int a, int b) { return a * (5 - a) / 2 + b; }

GuideWindows look_at(const Image& guide, const Windows& windows) {
  const std::size_t plane = guide.plane();
  GuideWindows result;
  for (int a = 0; a < 3; ++a) result.mean[a] = windows.mean_of(&guide.data[a * plane]);
  for (int a = 0; a < 3; ++a) {
    for (int b = a; b < 3; ++b) {
      Plane& covariance = result.inverse[upper(a, b)];
      covariance = windows.mean_of_product(&guide.data[a * plane], &guide.data[b * plane]);
      for (std::size_t i = 0; i < plane; ++i) {
        covariance[i] -= result.mean[a][i] * result.mean[b][i];
        if (a == b) covariance[i] = std::max(0.0, covariance[i]) + kEpsilon;
      }
    }
  }
  for (std::size_t i = 0; i < plane; ++i) {
    auto& m = result.inverse;
    const double rr = m[0][i], rg = m[1][i], rb = m[2][i], gg = m[3][i], gb = m[4][i], bb = m[5][i];
    const std::array<double, 6> adjugate = {gg * bb - gb * gb, gb * rb - rg * bb,
                                            rg * gb - gg * rb, rr * bb - rb * rb,
                                            rb * rg - rr * gb, rr * gg - rg * rg};
    const double determinant = rr * adjugate[0] + rg * adjugate[1] + rb * adjugate[2];
    for (int k = 0; k < 6; ++k) m[k][i] = adjugate[k] / determinant;
  }
  return result;
}

// Coefficients of one channel: factors of the guide's three, and the constant. [4, h, w]
Image fit(const float* channel, const Image& guide, const GuideWindows& seen,
          const Windows& windows) {
  const std::size_t plane = guide.plane();
  const Plane mean = windows.mean_of(channel);
  std::array<Plane, 3> covariance;
  for (int k = 0; k < 3; ++k) {
    covariance[k] = windows.mean_of_product(&guide.data[k * plane], channel);
    for (std::size_t i = 0; i < plane; ++i) covariance[k][i] -= seen.mean[k][i] * mean[i];
  }
  std::array<Plane, 4> factors;
  factors[3] = mean;
  for (int a = 0; a < 3; ++a) {
    factors[a].resize(plane);
    for (std::size_t i = 0; i < plane; ++i) {
      double factor = 0;
      for (int b = 0; b < 3; ++b) {
        factor += seen.inverse[upper(std::min(a, b), std::max(a, b))][i] * covariance[b][i];
      }
      factors[a][i] = factor;
      factors[3][i] -= factor * seen.mean[a][i];
    }
  }
  Image result{4, guide.height, guide.width, {}};
  result.data.reserve(result.size());
  for (const Plane& each : factors) {
    const Plane averaged = windows.mean(each);
    result.data.insert(result.data.end(), averaged.begin(), averaged.end());
  }
  return result;
}

}  // namespace

Image guided_filter(const Image& picture, const Image& guide, double share) {
  const int longest = std::max(guide.width, guide.height);
  const double shrink = std::min(1.0, static_cast<double>(kCoefficientSide) / longest);
  const int width = std::max(1, static_cast<int>(std::lround(guide.width * shrink)));
  const int height = std::max(1, static_cast<int>(std::lround(guide.height * shrink)));
  const Image small_guide = resize(guide, width, height);
  const Image small = resize(picture, width, height);
  const Windows windows{height, width,
                        std::max(1, static_cast<int>(std::lround(kRadius * longest * shrink)))};
  const GuideWindows seen = look_at(small_guide, windows);

  Image result{3, guide.height, guide.width, {}};
  result.data.resize(result.size());
  const std::size_t plane = result.plane();
  for (int c = 0; c < 3; ++c) {
    const Image factors = resize(fit(&small.data[c * small.plane()], small_guide, seen, windows),
                                 guide.width, guide.height, Filter::kBilinear);
    for (std::size_t i = 0; i < plane; ++i) {
      float value = factors.data[3 * plane + i];
      for (int k = 0; k < 3; ++k) value += factors.data[k * plane + i] * guide.data[k * plane + i];
      const float painted = picture.data[c * plane + i];
      result.data[c * plane + i] =
          std::clamp(painted + static_cast<float>(share) * (value - painted), 0.0f, 1.0f);
    }
  }
  return result;
}

}  // namespace impasto
