#include "objective/mmd_loss.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.h"

namespace impasto {
namespace {

constexpr const char* kLinearMean = "mean";          // μₜ, [C, 1]
constexpr const char* kFrequencies = "frequencies";  // W, [D, C]
constexpr const char* kPhases = "phases";            // b, [D, 1]
constexpr const char* kWaves = "waves";              // E cos(W y + b), [D, 1]
constexpr std::uint64_t kWaveSeed = 1;
constexpr std::uint64_t kPairSeed = 2;
constexpr int kPairs = 1024;
// Of the energy: smaller, and a style of one color would make the kernel a spike.
constexpr double kSmallestBandwidth = 1e-3;

// D: memory and time grow with it and the positions; the deeper the fewer of these.
int wave_count(int channels) { return std::clamp(2 * channels, 64, 256); }

StyleTarget prepare_linear(const Moments& style) {
  return {{{kLinearMean, {style.channels, 1}, style.mean}}, 1 / style_energy(style), 0};
}

// S = 0, s = μ − μₜ.
Slopes add_linear_slopes(GraphBuilder& graph, const MomentNodes& moments, int channels,
                         const DeclareInput& input) {
  const std::string target = input(kLinearMean, {channels, 1});
  const std::string difference = graph.node("Sub", {moments.mean, target});
  const std::int64_t all[] = {0, 1};
  const std::string squares = graph.node("Mul", {difference, difference});
  return {graph.node("ReduceSum", {squares, graph.constant(all)}), {}, difference};
}

// σ² by the median heuristic, over seeded pairs.
double bandwidth(const StyleSample& sample, double energy) {
  Random random(kPairSeed);
  const auto draw = [&] {
    const auto place =
        static_cast<std::size_t>(random.uniform() * static_cast<double>(sample.size()));
    return std::min(place, sample.size() - 1);
  };
  std::vector<double> squares(kPairs);
  for (double& square : squares) {
    const std::size_t a = draw();
    const std::size_t b = draw();
    square = 0;
    for (int c = 0; c < sample.channels; ++c) {
      const double difference = static_cast<double>(sample.row(c)[a]) - sample.row(c)[b];
      square += difference * difference;
    }
  }
  std::nth_element(squares.begin(), squares.begin() + kPairs / 2, squares.end());
  return std::max(squares[kPairs / 2], kSmallestBandwidth * energy);
}

StyleTarget prepare_gaussian(std::span<const StyleFeatures> styles, const Moments& moments) {
  const StyleSample sample = sample_style(styles);
  const std::size_t channels = static_cast<std::size_t>(sample.channels);
  const int count = wave_count(sample.channels);
  const double deviation = 1 / std::sqrt(bandwidth(sample, style_energy(moments)));
  Random random(kWaveSeed);
  std::vector<float> frequencies, phases, waves;
  for (int d = 0; d < count; ++d) {
    for (std::size_t c = 0; c < channels; ++c) {
      frequencies.push_back(static_cast<float>(random.normal(deviation)));
    }
    phases.push_back(static_cast<float>(2 * std::numbers::pi * random.uniform()));
    const std::span<const float> frequency(
        frequencies.data() + static_cast<std::size_t>(d) * channels, channels);
    const std::vector<double> angles = project(sample, frequency, phases.back());
    double mean = 0;
    for (std::size_t i = 0; i < angles.size(); ++i) mean += sample.weights[i] * std::cos(angles[i]);
    waves.push_back(static_cast<float>(mean));
  }
  return {{{kFrequencies, {count, sample.channels}, std::move(frequencies)},
           {kPhases, {count, 1}, std::move(phases)},
           {kWaves, {count, 1}, std::move(waves)}},
          2.0 / count,
          0};
}

FeatureNodes add_gaussian(GraphBuilder& graph, const FeatureMatrix& matrix,
                          const DeclareInput& input) {
  const int channels = matrix.shape.channels;
  const int count = wave_count(channels);
  const std::string frequencies = input(kFrequencies, {count, channels});
  const std::string phases = input(kPhases, {count, 1});
  const std::string target = input(kWaves, {count, 1});
  const std::string angles =
      graph.node("Add", {graph.node("MatMul", {frequencies, matrix.plain}), phases});
  const std::int64_t plane = static_cast<std::int64_t>(matrix.shape.plane());
  const auto weighted = [&](const std::string& rows) {
    if (matrix.weighting.mask.empty()) return rows;
    const std::int64_t row[] = {1, plane};
    const std::string mask = graph.node("Reshape", {matrix.weighting.mask, graph.constant(row)});
    return graph.node("Mul", {rows, mask});
  };
  const std::int64_t along[] = {1};
  const std::string sums =
      graph.node("ReduceSum", {weighted(graph.node("Cos", {angles})), graph.constant(along)});
  const std::string mean = graph.node("Mul", {sums, matrix.weighting.inverse_area});
  const std::string difference = graph.node("Sub", {mean, target});
  const std::int64_t all[] = {0, 1};
  const std::string value =
      graph.node("ReduceSum", {graph.node("Mul", {difference, difference}), graph.constant(all)});
  // −Wᵀ (d ⊙ sin): d goes into W, which is small.
  const std::string back = graph.node("Transpose", {graph.node("Mul", {frequencies, difference})},
                                      {{"perm", std::vector<std::int64_t>{1, 0}}});
  const std::string sines = weighted(graph.node("Sin", {angles}));
  return {value, graph.node("MatMul", {graph.node("Neg", {back}), sines})};
}

}  // namespace

const MomentLoss kLinearMmdLoss = {MomentKind::kMean, prepare_linear, add_linear_slopes};
const FeatureLoss kGaussianMmdLoss = {prepare_gaussian, add_gaussian};

}  // namespace impasto
