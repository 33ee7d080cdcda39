#include "objective/histogram_loss.h"

#include "objective/quantiles.h"

namespace impasto {
namespace {

constexpr const char* kHistogramTable = "histograms";  // [C, K + 1]

StyleTarget prepare_histograms(std::span<const StyleFeatures> styles, const Moments& moments) {
  const StyleSample sample = sample_style(styles);
  std::vector<float> tables;
  for (int c = 0; c < sample.channels; ++c) {
    const std::span<const float> row = sample.row(c);
    const std::vector<float> table =
        quantile_table(std::vector<double>(row.begin(), row.end()), sample.weights);
    tables.insert(tables.end(), table.begin(), table.end());
  }
  return {{{kHistogramTable, {sample.channels, kLevels + 1}, std::move(tables)}},
          1 / style_energy(moments),
          0};
}

FeatureNodes add_histograms(GraphBuilder& graph, const FeatureMatrix& matrix,
                            const DeclareInput& input) {
  const std::string table = input(kHistogramTable, {matrix.shape.channels, kLevels + 1});
  const TransportNodes nodes = add_transport(graph, matrix, matrix.plain, table);
  return {nodes.value, nodes.differences};
}

}  // namespace

const FeatureLoss kHistogramLoss = {prepare_histograms, add_histograms};

}  // namespace impasto
