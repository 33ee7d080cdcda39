#include "objective/matting.h"

#include <cmath>
#include <numeric>

namespace impasto {
namespace {

// What an edge of the content must exceed, squared. Levin et al. have 1e-7, less than 8 bits round:
// then the noise of a JPEG counts as texture that may be painted over.
constexpr double kEpsilon = 1e-5;
constexpr int kWindow = 9;

using Vector3 = std::array<double, 3>;
using Matrix3 = std::array<Vector3, 3>;

// L of a positive definite matrix L Lᵀ (Cholesky); of few or gray colors it is nearly singular.
Matrix3 lower_root(const Matrix3& m) {
  Matrix3 root{};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j <= i; ++j) {
      double rest = m[i][j];
      for (int k = 0; k < j; ++k) rest -= root[i][k] * root[j][k];
      root[i][j] = i == j ? std::sqrt(rest) : rest / root[j][j];
    }
  }
  return root;
}

// The window's colors without their mean and covariance: L⁻¹ (I − μ), Σ + ε/9 = L Lᵀ.
std::array<Vector3, kWindow> whitened(const Image& content, int y, int x) {
  std::array<Vector3, kWindow> colors;
  const std::size_t plane = content.plane();
  for (int c = 0; c < 3; ++c) {
    double mean = 0;
    for (int k = 0; k < kWindow; ++k) {
      const std::size_t at = static_cast<std::size_t>(y + k / 3) * content.width + x + k % 3;
      colors[k][c] = content.data[c * plane + at];
      mean += colors[k][c] / kWindow;
    }
    for (Vector3& color : colors) color[c] -= mean;
  }
  Matrix3 covariance{};
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      for (const Vector3& color : colors) covariance[a][b] += color[a] * color[b] / kWindow;
    }
    covariance[a][a] += kEpsilon / kWindow;
  }
  const Matrix3 root = lower_root(covariance);
  for (Vector3& color : colors) {
    for (int i = 0; i < 3; ++i) {
      for (int k = 0; k < i; ++k) color[i] -= root[i][k] * color[k];
      color[i] /= root[i][i];
    }
  }
  return colors;
}

// Place of the neighbor `down` rows below and `right` columns to the right among the later ones.
constexpr int neighbor(int down, int right) {
  return down == 0 ? right - 1 : 2 + (down - 1) * 5 + right + 2;
}

struct Offset {
  int down, right;
};

constexpr Offset offset(int neighbor) {
  if (neighbor < 2) return {0, neighbor + 1};
  return {1 + (neighbor - 2) / 5, (neighbor - 2) % 5 - 2};
}

}  // namespace

MattingLaplacian::MattingLaplacian(const Image& content)
    : height_(content.height), width_(content.width) {
  for (auto& each : links_) each.resize(content.plane());
  for (int y = 0; y + 3 <= height_; ++y) {
    for (int x = 0; x + 3 <= width_; ++x) {
      const std::array<Vector3, kWindow> colors = whitened(content, y, x);
      for (int i = 0; i < kWindow; ++i) {
        const std::size_t at = static_cast<std::size_t>(y + i / 3) * width_ + x + i % 3;
        for (int j = i + 1; j < kWindow; ++j) {
          const double likeness =
              std::inner_product(colors[i].begin(), colors[i].end(), colors[j].begin(), 1.0);
          links_[neighbor(j / 3 - i / 3, j % 3 - i % 3)][at] +=
              static_cast<float>(likeness / kWindow);
        }
      }
    }
  }
}

double MattingLaplacian::add(std::span<const float> pixels, double weight,
                             std::span<float> gradient) const {
  const std::size_t plane = static_cast<std::size_t>(height_) * width_;
  const auto slope = static_cast<float>(2 * weight / static_cast<double>(plane));
  double value = 0;
  for (int c = 0; c < 3; ++c) {
    const float* x = pixels.data() + c * plane;
    float* g = gradient.data() + c * plane;
    for (int k = 0; k < static_cast<int>(kNeighbors); ++k) {
      const auto [down, right] = offset(k);
      const int begin = right < 0 ? -right : 0;
      const int end = right > 0 ? width_ - right : width_;
      const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(down) * width_ + right;
      for (int y = 0; y + down < height_; ++y) {
        const std::size_t row = static_cast<std::size_t>(y) * width_;
        float sum = 0;
        for (std::size_t i = row + begin; i < row + end; ++i) {
          const float difference = x[i] - x[i + step];
          const float pull = links_[k][i] * difference;
          sum += pull * difference;
          g[i] += slope * pull;
          g[i + step] -= slope * pull;
        }
        value += sum;
      }
    }
  }
  return value / static_cast<double>(plane);
}

}  // namespace impasto
