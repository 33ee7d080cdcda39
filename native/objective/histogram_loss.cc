#include "objective/histogram_loss.h"

#include "objective/quantiles.h"

namespace impasto {
namespace {

constexpr const char* kHistogramTable = "histograms";  // [C, K + 1]

StyleTarget prepare_histograms(std::span<const StyleFeatures> styles, const Moments& moments) {
  const StyleSample sample = sample_style(styles);
  std::vector<float> tables;
  std::vector<double> row(sample.size());
  for (std::size_t c = 0; c < static_cast<std::size_t>(sample.channels); ++c) {
    for (std::size_t i = 0; i < sample.size(); ++i) row[i] = sample.at(i)[c];
    const std::vector<float> table = quantile_table(row, sample.weights);
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
