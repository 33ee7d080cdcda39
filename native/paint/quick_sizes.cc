#include "paint/quick_sizes.h"

#include <algorithm>
#include <cmath>

#include "graph/vgg.h"
#include "network/network.h"

namespace impasto {
namespace {

// How the time of an evaluation grows with its multiplications: matrix products are quicker the
// larger they are. Measured.
constexpr double kTimeExponent = 0.6;

// Of a pixel by all of a network, up to a factor.
double multiplications(const std::string& path) {
  const auto network = load_network(path);
  constexpr int kSide = 256;
  const std::vector<FeatureShape> shapes = feature_shapes(*network, kSide, kSide);
  double sum = 0;
  int incoming = 3;
  for (const FeatureShape& shape : shapes) {
    sum += static_cast<double>(incoming) * static_cast<double>(shape.size());
    incoming = shape.channels;
  }
  return sum;
}

}  // namespace

std::vector<Size> quick_sizes(Size result, const Settings& settings) {
  // No side of a draft is shorter than the network can see.
  const double least =
      static_cast<double>(kSmallestSide) * result.long_side() / result.short_side();
  const double draft =
      std::min<double>(std::max<double>(settings.min_scale, std::ceil(least)), result.long_side());
  const double ratio = result.long_side() / draft;
  const int steps = static_cast<int>(std::ceil(std::log2(ratio) - 0.05));
  std::vector<Size> sizes;
  for (int i = 0; i <= steps; ++i) {
    const double side = draft * std::pow(ratio, steps == 0 ? 1.0 : static_cast<double>(i) / steps);
    sizes.push_back(i == steps ? result
                               : with_long_side(result, static_cast<int>(std::lround(side))));
  }
  return sizes;
}

int middle_updates(const std::vector<Size>& sizes, const Settings& settings) {
  return sizes.size() > kMiddle + 1 ? settings.middle_iterations : 0;
}

double polish_work_per_pixel(const std::string& network_path,
                             const std::string& draft_network_path) {
  if (network_path == draft_network_path) return 1;
  return std::pow(multiplications(network_path) / multiplications(draft_network_path),
                  kTimeExponent);
}

}  // namespace impasto
