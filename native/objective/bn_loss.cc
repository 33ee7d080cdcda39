#include "objective/bn_loss.h"

#include <algorithm>
#include <cmath>

#include "objective/feature_loss.h"

namespace impasto {
namespace {

constexpr const char* kTargetMeans = "mean";            // μₜ, [C, 1]
constexpr const char* kTargetDeviations = "deviation";  // σₜ, [C, 1]
constexpr const char* kVarianceRidge = "ridge";         // on both variances, [1, 1]
// Of a channel's mean energy: the slope of σ has no end where a channel is flat.
constexpr double kVarianceShare = 1e-4;

StyleTarget prepare_deviations(const Moments& style) {
  const std::size_t n = static_cast<std::size_t>(style.channels);
  const double energy = style_energy(style);
  const double ridge = kVarianceShare * energy / static_cast<double>(n);
  std::vector<float> deviations(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double mean = style.mean[i];
    const double variance = std::max(0.0, style.gram[i * (n + 1)] - mean * mean);
    deviations[i] = static_cast<float>(std::sqrt(variance + ridge));
  }
  return {{{kTargetMeans, {style.channels, 1}, style.mean},
           {kTargetDeviations, {style.channels, 1}, std::move(deviations)},
           {kVarianceRidge, {1, 1}, {static_cast<float>(ridge)}}},
          1 / energy,
          0};
}

// S = diag(1 − σₜ / σ), s = (μ − μₜ) − S μ.
Slopes add_deviation_slopes(GraphBuilder& graph, const MomentNodes& moments, int channels,
                            const DeclareInput& input) {
  const std::string mean = input(kTargetMeans, {channels, 1});
  const std::string target = input(kTargetDeviations, {channels, 1});
  const std::string ridge = input(kVarianceRidge, {1, 1});
  const std::size_t n = static_cast<std::size_t>(channels);
  std::vector<float> ones(n * n);
  for (std::size_t i = 0; i < n; ++i) ones[i * (n + 1)] = 1;
  const std::string identity = graph.constant(ones, {channels, channels});
  const std::int64_t columns[] = {1};
  const std::string variance = graph.node(
      "ReduceSum", {graph.node("Mul", {moments.second, identity}), graph.constant(columns)});
  const std::string deviation = graph.node("Sqrt", {graph.node("Add", {variance, ridge})});
  const std::string mean_difference = graph.node("Sub", {moments.mean, mean});
  const std::string difference = graph.node("Sub", {deviation, target});
  const std::string squares =
      graph.node("Add", {graph.node("Mul", {mean_difference, mean_difference}),
                         graph.node("Mul", {difference, difference})});
  const std::int64_t all[] = {0, 1};
  const std::string slope = graph.node("Div", {difference, deviation});
  return {graph.node("ReduceSum", {squares, graph.constant(all)}),
          graph.node("Mul", {identity, slope}),
          graph.node("Sub", {mean_difference, graph.node("Mul", {slope, moments.mean})})};
}

}  // namespace

const MomentLoss kBnLoss = {MomentKind::kCovariance, prepare_deviations, add_deviation_slopes};

}  // namespace impasto
