#include "objective/laplacian_loss.h"

#include <algorithm>
#include <cstddef>

namespace impasto {
namespace {

// Sides of the pools, as in the paper's fig. 6.
constexpr int kPools[] = {4, 16};

struct Grid {
  int height, width;
  std::size_t at(int y, int x) const { return static_cast<std::size_t>(y) * width + x; }
  std::size_t size() const { return at(height, 0); }
};

// The channels' sum, averaged over pools; what does not fill one is left out.
std::vector<double> pooled(std::span<const float> pixels, Grid picture, int pool, Grid pools) {
  std::vector<double> result(pools.size());
  const double share = 1.0 / (pool * pool);
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < pools.height * pool; ++y) {
      const float* row = pixels.data() + c * picture.size() + picture.at(y, 0);
      for (int x = 0; x < pools.width * pool; ++x)
        result[pools.at(y / pool, x / pool)] += share * row[x];
    }
  }
  return result;
}

// 4 times each value less its four neighbors, where it has four.
std::vector<double> laplacian(const std::vector<double>& values, Grid pools) {
  std::vector<double> result;
  result.reserve(values.size());
  for (int y = 1; y + 1 < pools.height; ++y) {
    for (int x = 1; x + 1 < pools.width; ++x) {
      result.push_back(4 * values[pools.at(y, x)] - values[pools.at(y - 1, x)] -
                       values[pools.at(y + 1, x)] - values[pools.at(y, x - 1)] -
                       values[pools.at(y, x + 1)]);
    }
  }
  return result;
}

// The gradient with respect to the pooled picture of ½ Σ laplacian², of `difference`.
std::vector<double> transposed(const std::vector<double>& difference, Grid pools) {
  std::vector<double> result(pools.size());
  std::size_t i = 0;
  for (int y = 1; y + 1 < pools.height; ++y) {
    for (int x = 1; x + 1 < pools.width; ++x) {
      const double value = difference[i++];
      result[pools.at(y, x)] += 4 * value;
      result[pools.at(y - 1, x)] -= value;
      result[pools.at(y + 1, x)] -= value;
      result[pools.at(y, x - 1)] -= value;
      result[pools.at(y, x + 1)] -= value;
    }
  }
  return result;
}

}  // namespace

LaplacianLoss::LaplacianLoss(const Image& content)
    : height_(content.height), width_(content.width) {
  for (const int pool : kPools) {
    const Grid pools{height_ / pool, width_ / pool};
    if (pools.height < 3 || pools.width < 3) continue;
    Level level{pool, pools.height, pools.width, {}, 0};
    level.laplacian = laplacian(pooled(content.data, {height_, width_}, pool, pools), pools);
    for (const double value : level.laplacian) level.energy += value * value;
    // A content of one color has nothing to be relative to.
    level.energy = std::max(level.energy, 1e-6 * static_cast<double>(level.laplacian.size()));
    levels_.push_back(std::move(level));
  }
}

double LaplacianLoss::add(std::span<const float> pixels, double weight,
                          std::span<float> gradient) const {
  const Grid picture{height_, width_};
  double sum = 0;
  for (const Level& level : levels_) {
    const Grid pools{level.height, level.width};
    std::vector<double> difference = laplacian(pooled(pixels, picture, level.pool, pools), pools);
    double squares = 0;
    for (std::size_t i = 0; i < difference.size(); ++i) {
      difference[i] -= level.laplacian[i];
      squares += difference[i] * difference[i];
    }
    const double share = 1 / (level.energy * static_cast<double>(levels_.size()));
    sum += share * squares;
    if (weight == 0) continue;
    const std::vector<double> slope = transposed(difference, pools);
    const double factor = 2 * weight * share / (level.pool * level.pool);
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < pools.height * level.pool; ++y) {
        float* row = gradient.data() + c * picture.size() + picture.at(y, 0);
        for (int x = 0; x < pools.width * level.pool; ++x) {
          row[x] += static_cast<float>(factor * slope[pools.at(y / level.pool, x / level.pool)]);
        }
      }
    }
  }
  return sum;
}

}  // namespace impasto
