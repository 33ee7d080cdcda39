#include "image/color.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "image/resize.h"

namespace impasto {
namespace {

using Vector3 = std::array<double, 3>;
using Matrix3 = std::array<Vector3, 3>;

constexpr Vector3 kLuma = {0.299, 0.587, 0.114};

struct Spread {
  double mean = 0;
  double deviation = 0;
};

// Of a masked picture's statistics: null counts every pixel as 1.
double count_of(const Image* mask, std::size_t i) { return mask == nullptr ? 1 : mask->data[i]; }

// A mask without any area counts for none: its statistics would be no numbers.
const Image* with_area(const Image* mask) {
  if (mask == nullptr) return nullptr;
  const auto counts = [](float value) { return value > 0; };
  return std::any_of(mask->data.begin(), mask->data.end(), counts) ? mask : nullptr;
}

Spread spread(const float* values, std::size_t count, const Image* mask) {
  double sum = 0, squares = 0, area = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = count_of(mask, i);
    sum += weight * values[i];
    squares += weight * values[i] * values[i];
    area += weight;
  }
  const double mean = sum / area;
  return {mean, std::sqrt(std::max(0.0, squares / area - mean * mean))};
}

struct ColorStatistics {
  Vector3 mean{};
  Matrix3 covariance{};
};

ColorStatistics color_statistics(const Image& image, const Image* mask) {
  ColorStatistics result;
  const std::size_t n = image.plane();
  double area = 0;
  for (std::size_t i = 0; i < n; ++i) area += count_of(mask, i);
  for (int a = 0; a < 3; ++a) {
    for (std::size_t i = 0; i < n; ++i) {
      result.mean[a] += count_of(mask, i) * image.data[a * n + i];
    }
    result.mean[a] /= area;
  }
  for (int a = 0; a < 3; ++a) {
    for (int b = a; b < 3; ++b) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) {
        sum += count_of(mask, i) * (image.data[a * n + i] - result.mean[a]) *
               (image.data[b * n + i] - result.mean[b]);
      }
      result.covariance[a][b] = result.covariance[b][a] = sum / area;
    }
  }
  // A picture of one color still has to be divided by.
  for (int a = 0; a < 3; ++a) result.covariance[a][a] += 1e-5;
  return result;
}

Matrix3 multiply(const Matrix3& a, const Matrix3& b) {
  Matrix3 c{};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 3; ++k) c[i][j] += a[i][k] * b[k][j];
    }
  }
  return c;
}

// m^power of a symmetric positive matrix, by Jacobi's rotations.
Matrix3 symmetric_power(Matrix3 m, double power) {
  Matrix3 vectors = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int sweep = 0; sweep < 32; ++sweep) {
    for (int p = 0; p < 2; ++p) {
      for (int q = p + 1; q < 3; ++q) {
        if (std::abs(m[p][q]) < 1e-18) continue;
        const double angle = 0.5 * std::atan2(2 * m[p][q], m[q][q] - m[p][p]);
        const double c = std::cos(angle), s = std::sin(angle);
        Matrix3 rotation = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
        rotation[p][p] = rotation[q][q] = c;
        rotation[p][q] = s;
        rotation[q][p] = -s;
        Matrix3 transposed = rotation;
        std::swap(transposed[p][q], transposed[q][p]);
        m = multiply(multiply(transposed, m), rotation);
        vectors = multiply(vectors, rotation);
      }
    }
  }
  Matrix3 result{};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 3; ++k) {
        result[i][j] += vectors[i][k] * std::pow(std::max(m[k][k], 1e-12), power) * vectors[j][k];
      }
    }
  }
  return result;
}

// Fine enough for 8 bits; values within a bin count as evenly spread.
constexpr int kBins = 1024;
using Shares = std::array<double, kBins + 1>;

// Which share of the values is below each bin's bound, 0 … 1.
Shares shares_below(const float* values, std::size_t count, const Image* mask) {
  Shares shares{};
  for (std::size_t i = 0; i < count; ++i) {
    const int bin =
        std::clamp(static_cast<int>(std::clamp(values[i], 0.0f, 1.0f) * kBins), 0, kBins - 1);
    shares[bin + 1] += count_of(mask, i);
  }
  for (int k = 1; k <= kBins; ++k) shares[k] += shares[k - 1];
  const double all = shares[kBins];
  for (double& share : shares) share /= all;
  return shares;
}

double value_in(const Shares& shares, double share, int bin) {
  const double width = shares[bin + 1] - shares[bin];
  const double within = width > 0 ? std::clamp((share - shares[bin]) / width, 0.0, 1.0) : 0.5;
  return (bin + within) / kBins;
}

// The value that the given share is below: the largest, or the smallest where no value lies between
// two. `bin` moves on with rising shares.
double value_above(const Shares& shares, double share, int& bin) {
  while (bin < kBins - 1 && shares[bin + 1] <= share) ++bin;
  return value_in(shares, share, bin);
}
double value_reaching(const Shares& shares, double share, int& bin) {
  while (bin < kBins - 1 && shares[bin + 1] < share) ++bin;
  return value_in(shares, share, bin);
}

}  // namespace

Image luminance(const Image& rgb) {
  Image result = rgb;
  const std::size_t n = rgb.plane();
  for (std::size_t i = 0; i < n; ++i) {
    const double y =
        kLuma[0] * rgb.data[i] + kLuma[1] * rgb.data[n + i] + kLuma[2] * rgb.data[2 * n + i];
    for (int c = 0; c < 3; ++c) result.data[c * n + i] = static_cast<float>(y);
  }
  return result;
}

Image match_luminance(const Image& style, const Image& content, const Image* style_mask,
                      const Image* content_mask) {
  const Spread from = spread(style.data.data(), style.plane(), with_area(style_mask));
  const Spread to = spread(content.data.data(), content.plane(), with_area(content_mask));
  const double gain = to.deviation / std::max(from.deviation, 1e-4);
  Image result = style;
  for (float& value : result.data) value = static_cast<float>((value - from.mean) * gain + to.mean);
  clamp_to_unit(result);
  return result;
}

Image replace_luminance(const Image& content, const Image& painted) {
  // RGB differs from Y only by I and Q: exchanging Y adds the same amount to each channel.
  const Image before = luminance(content);
  const Image after = luminance(painted);
  Image result = content;
  for (std::size_t i = 0; i < result.data.size(); ++i)
    result.data[i] += after.data[i] - before.data[i];
  clamp_to_unit(result);
  return result;
}

Image match_colors(const Image& source, const Image& target, const Image* source_mask,
                   const Image* target_mask) {
  const ColorStatistics from = color_statistics(source, with_area(source_mask));
  const ColorStatistics to = color_statistics(target, with_area(target_mask));
  // The symmetric map A with A Σ_source A = Σ_target (optimal transport between Gaussians), which
  // moves colors least: A = Σs^-½ (Σs^½ Σt Σs^½)^½ Σs^-½.
  const Matrix3 root = symmetric_power(from.covariance, 0.5);
  const Matrix3 inverse = symmetric_power(from.covariance, -0.5);
  const Matrix3 middle = symmetric_power(multiply(multiply(root, to.covariance), root), 0.5);
  const Matrix3 map = multiply(multiply(inverse, middle), inverse);
  Image result = source;
  const std::size_t n = source.plane();
  for (std::size_t i = 0; i < n; ++i) {
    for (int a = 0; a < 3; ++a) {
      double value = to.mean[a];
      for (int b = 0; b < 3; ++b) value += map[a][b] * (source.data[b * n + i] - from.mean[b]);
      result.data[a * n + i] = static_cast<float>(value);
    }
  }
  clamp_to_unit(result);
  return result;
}

Image match_histograms(const Image& source, const Image& target, const Image* source_mask,
                       const Image* target_mask) {
  Image result = source;
  const std::size_t n = source.plane();
  for (int c = 0; c < 3; ++c) {
    const Shares from = shares_below(source.data.data() + c * n, n, with_area(source_mask));
    const Shares to = shares_below(target.data.data() + c * target.plane(), target.plane(),
                                   with_area(target_mask));
    std::array<double, kBins> low, high;
    for (int k = 0, below = 0, upto = 0; k < kBins; ++k) {
      low[k] = value_above(to, from[k], below);
      high[k] = value_reaching(to, from[k + 1], upto);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const double place = std::clamp<double>(source.data[c * n + i], 0, 1) * kBins;
      const int k = std::min(kBins - 1, static_cast<int>(place));
      result.data[c * n + i] = static_cast<float>(low[k] + (place - k) * (high[k] - low[k]));
    }
  }
  return result;
}

}  // namespace impasto
