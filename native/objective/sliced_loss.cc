#include "objective/sliced_loss.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "objective/quantiles.h"

namespace impasto {
namespace {

constexpr const char* kDirections = "directions";  // [P, C]
constexpr const char* kSliceTable = "quantiles";   // [P, K + 1]
constexpr std::uint64_t kDirectionSeed = 1;
// As many directions as channels, but no more than this.
constexpr int kMostDirections = 128;

int direction_count(int channels) { return std::min(channels, kMostDirections); }

// Unit vectors, evenly spread. [P, C]
std::vector<float> draw_directions(int channels) {
  Random random(kDirectionSeed);
  std::vector<float> directions;
  std::vector<double> direction(static_cast<std::size_t>(channels));
  for (int p = 0; p < direction_count(channels); ++p) {
    double square = 0;
    for (double& value : direction) {
      value = random.normal();
      square += value * value;
    }
    for (const double value : direction) {
      directions.push_back(static_cast<float>(value / std::sqrt(square)));
    }
  }
  return directions;
}

StyleTarget prepare_slices(std::span<const StyleFeatures> styles, const Moments& moments) {
  const StyleSample sample = sample_style(styles);
  const std::size_t channels = static_cast<std::size_t>(sample.channels);
  const int count = direction_count(sample.channels);
  std::vector<float> directions = draw_directions(sample.channels);
  std::vector<float> tables;
  for (int p = 0; p < count; ++p) {
    const std::span<const float> direction(
        directions.data() + static_cast<std::size_t>(p) * channels, channels);
    const std::vector<float> table = quantile_table(project(sample, direction), sample.weights);
    tables.insert(tables.end(), table.begin(), table.end());
  }
  return {{{kDirections, {count, sample.channels}, std::move(directions)},
           {kSliceTable, {count, kLevels + 1}, std::move(tables)}},
          sample.channels / (count * style_energy(moments)),
          0};
}

FeatureNodes add_slices(GraphBuilder& graph, const FeatureMatrix& matrix,
                        const DeclareInput& input) {
  const int channels = matrix.shape.channels;
  const int count = direction_count(channels);
  const std::string directions = input(kDirections, {count, channels});
  const std::string table = input(kSliceTable, {count, kLevels + 1});
  const std::string rows = graph.node("MatMul", {directions, matrix.plain});
  const TransportNodes nodes = add_transport(graph, matrix, rows, table);
  const std::string back =
      graph.node("Transpose", {directions}, {{"perm", std::vector<std::int64_t>{1, 0}}});
  return {nodes.value, graph.node("MatMul", {back, nodes.differences})};
}

}  // namespace

const FeatureLoss kSlicedLoss = {prepare_slices, add_slices};

}  // namespace impasto
