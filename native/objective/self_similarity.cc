#include "objective/self_similarity.h"

#include <algorithm>
#include <cmath>

#include "objective/positions.h"

namespace impasto {
namespace {

// Distances grow with its square.
constexpr std::size_t kSample = 512;
// Added to a column's sum for each of its rows: where all features are alike there is nothing but
// rounding to be relative to.
constexpr double kFlat = 1e-3;
// Added to the square of a feature's length.
constexpr float kDark = 1e-8f;

using Ints = std::vector<std::int64_t>;

std::string number(GraphBuilder& graph, float value) {
  return graph.constant(std::span<const float>(&value, 1), {1, 1});
}

std::string sum_over(GraphBuilder& graph, const std::string& matrix, std::int64_t axis) {
  return graph.node("ReduceSum", {matrix, graph.constant(Ints{axis})},
                    {{"keepdims", std::int64_t{1}}});
}

// m at the sample, with n as its sum: as a column and as a row; empty where all count alike.
struct SampledMask {
  std::string column, row;
};

// What keeps a sample that nothing is left of from a division by zero.
constexpr float kNothing = 1e-12f;

SampledMask sample_mask(GraphBuilder& graph, const std::string& mask, const std::string& positions,
                        std::size_t plane, std::size_t count) {
  if (mask.empty()) return {};
  const float inverse_count = 1 / static_cast<float>(count);
  const std::string flat =
      graph.node("Reshape", {mask, graph.constant(Ints{1, static_cast<std::int64_t>(plane)})});
  const std::string sampled = graph.node("Gather", {flat, positions}, {{"axis", std::int64_t{1}}});
  const std::string mean =
      graph.node("Mul", {sum_over(graph, sampled, 1), number(graph, inverse_count)});
  const std::string row =
      graph.node("Div", {sampled, graph.node("Add", {mean, number(graph, kNothing)})});
  return {graph.node("Transpose", {row}), row};
}

// The same on the host, for each of the sample.
std::vector<double> sample_mask(std::span<const float> mask, const Ints& sample) {
  std::vector<double> counts(sample.size(), 1);
  if (mask.empty()) return counts;
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = mask[static_cast<std::size_t>(sample[i])];
    sum += counts[i];
  }
  for (double& count : counts) count /= sum / static_cast<double>(counts.size()) + kNothing;
  return counts;
}

std::string times(GraphBuilder& graph, const std::string& a, const std::string& b) {
  return b.empty() ? a : graph.node("Mul", {a, b});
}

// For each position its place in the sample, or the first beyond it.
Ints inverse(const Ints& sample, std::size_t positions) {
  Ints places(positions, static_cast<std::int64_t>(sample.size()));
  for (std::size_t i = 0; i < sample.size(); ++i)
    places[static_cast<std::size_t>(sample[i])] = static_cast<std::int64_t>(i);
  return places;
}

}  // namespace

std::vector<std::int64_t> sample_positions(std::size_t positions) {
  return spread_positions(positions, kSample);
}

std::vector<float> self_distances(std::span<const float> features, const FeatureShape& shape,
                                  std::span<const float> mask) {
  const auto sample = sample_positions(shape.plane());
  const std::size_t n = sample.size();
  const auto channels = static_cast<std::size_t>(shape.channels);
  std::vector<double> unit(n * channels);  // [n, C]
  for (std::size_t i = 0; i < n; ++i) {
    double square = kDark;
    for (std::size_t c = 0; c < channels; ++c) {
      const double value = features[c * shape.plane() + static_cast<std::size_t>(sample[i])];
      unit[i * channels + c] = value;
      square += value * value;
    }
    for (std::size_t c = 0; c < channels; ++c) unit[i * channels + c] /= std::sqrt(square);
  }
  const std::vector<double> counts = sample_mask(mask, sample);
  std::vector<float> result(n * n);
  std::vector<double> column(n);
  for (std::size_t j = 0; j < n; ++j) {
    double sum = kFlat * static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {
      double cosine = 0;
      for (std::size_t c = 0; c < channels; ++c)
        cosine += unit[i * channels + c] * unit[j * channels + c];
      column[i] = counts[i] * (1 - cosine);
      sum += column[i];
    }
    for (std::size_t i = 0; i < n; ++i) result[i * n + j] = static_cast<float>(column[i] / sum);
  }
  return result;
}

LossNodes add_self_similarity(GraphBuilder& graph, const std::string& features,
                              const FeatureShape& shape, const std::string& target,
                              const std::string& factor, const std::string& mask) {
  const auto sample = sample_positions(shape.plane());
  const auto n = static_cast<std::int64_t>(sample.size());
  const auto plane = static_cast<std::int64_t>(shape.plane());
  const std::string positions = graph.constant(sample);
  const std::string matrix =
      graph.node("Reshape", {features, graph.constant(Ints{shape.channels, plane})});
  const std::string x = graph.node("Gather", {matrix, positions}, {{"axis", std::int64_t{1}}});
  const std::string squares = sum_over(graph, graph.node("Mul", {x, x}), 0);
  const std::string length =
      graph.node("Sqrt", {graph.node("Add", {squares, number(graph, kDark)})});
  const std::string unit = graph.node("Div", {x, length});
  const std::string cosine = graph.node("MatMul", {graph.node("Transpose", {unit}), unit});
  const SampledMask m = sample_mask(graph, mask, positions, shape.plane(), sample.size());
  const std::string distance =
      times(graph, graph.node("Sub", {number(graph, 1), cosine}), m.column);
  const std::string column = graph.node(
      "Add", {sum_over(graph, distance, 0), number(graph, static_cast<float>(kFlat * n))});
  const std::string share = graph.node("Div", {distance, column});

  const std::string difference = graph.node("Sub", {share, target});
  const std::string absolute = times(graph, graph.node("Abs", {difference}), m.row);
  const std::string sum =
      graph.node("Mul", {graph.node("ReduceSum", {absolute, graph.constant(Ints{0, 1})}),
                         number(graph, 1 / static_cast<float>(n))});

  // Of |·|: its sign. Then back through the division, the cosine and the length.
  const std::string sign =
      graph.node("Clip", {graph.node("Mul", {difference, number(graph, 1e20f)}),
                          graph.constant(std::vector<float>{-1}, {}),
                          graph.constant(std::vector<float>{1}, {})});
  const std::string at_share = times(graph, sign, m.row);
  const std::string common = sum_over(graph, graph.node("Mul", {at_share, share}), 0);
  const std::string at_distance =
      times(graph, graph.node("Div", {graph.node("Sub", {at_share, common}), column}), m.column);
  const std::string both = graph.node("Add", {at_distance, graph.node("Transpose", {at_distance})});
  const std::string minus_at_unit = graph.node("MatMul", {unit, both});
  const std::string along = sum_over(graph, graph.node("Mul", {unit, minus_at_unit}), 0);
  const std::string across = graph.node("Sub", {graph.node("Mul", {unit, along}), minus_at_unit});
  const std::string at_sample = graph.node(
      "Div", {across, graph.node("Mul", {length, number(graph, 2 * static_cast<float>(n))})});

  // Positions outside the sample take the column of zeros behind it.
  const std::vector<float> zeros(static_cast<std::size_t>(shape.channels));
  const std::string extended =
      graph.node("Concat", {at_sample, graph.constant(zeros, {shape.channels, 1})},
                 {{"axis", std::int64_t{1}}});
  const std::string everywhere =
      graph.node("Gather", {extended, graph.constant(inverse(sample, shape.plane()))},
                 {{"axis", std::int64_t{1}}});
  const std::string gradient = graph.node(
      "Reshape", {everywhere, graph.constant(Ints{1, shape.channels, shape.height, shape.width})});
  return {graph.node("Reshape", {sum, graph.constant(Ints{1, 1})}),
          graph.node("Mul", {gradient, factor})};
}

}  // namespace impasto
