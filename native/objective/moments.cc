#include "objective/moments.h"

#include <numeric>
#include <utility>

namespace impasto {
namespace {

std::string sum_positions(GraphBuilder& graph, const std::string& matrix) {
  const std::int64_t columns[] = {1};
  return graph.node("ReduceSum", {matrix, graph.constant(columns)});
}

// F − μ, plain and with m in it.
FeatureMatrix add_centered(GraphBuilder& graph, const FeatureMatrix& matrix,
                           const std::string& mean) {
  FeatureMatrix centered = matrix;
  centered.plain = graph.node("Sub", {matrix.plain, mean});
  centered.weighted = centered.plain;
  if (!matrix.weighting.mask.empty()) {
    const std::int64_t row[] = {1, static_cast<std::int64_t>(matrix.shape.plane())};
    const std::string mask = graph.node("Reshape", {matrix.weighting.mask, graph.constant(row)});
    centered.weighted = graph.node("Mul", {centered.plain, mask});
  }
  return centered;
}

}  // namespace

Moments average_moments(std::span<const Moments* const> parts, std::span<const double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  const auto average = [&](auto field) {
    std::vector<double> sum((parts.front()->*field).size());
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const std::vector<float>& values = parts[k]->*field;
      const double share = weights[k] / total;
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share * values[i];
    }
    return std::vector<float>(sum.begin(), sum.end());
  };
  return {parts.front()->channels, average(&Moments::mean), average(&Moments::gram)};
}

FeatureMatrix add_feature_matrix(GraphBuilder& graph, const std::string& features,
                                 const FeatureShape& shape, const Weighting& weighting) {
  const std::int64_t flat[] = {shape.channels, static_cast<std::int64_t>(shape.plane())};
  const std::string matrix = graph.constant(flat);
  const std::string plain = graph.node("Reshape", {features, matrix});
  if (weighting.mask.empty()) return {shape, weighting, plain, plain};
  const std::string weighted = graph.node("Mul", {features, weighting.mask});
  return {shape, weighting, plain, graph.node("Reshape", {weighted, matrix})};
}

std::string add_mean(GraphBuilder& graph, const FeatureMatrix& matrix, std::string result) {
  return graph.node("Mul", {sum_positions(graph, matrix.weighted), matrix.weighting.inverse_area},
                    {}, std::move(result));
}

std::string add_gram(GraphBuilder& graph, const FeatureMatrix& matrix, std::string result) {
  const std::string transposed =
      graph.node("Transpose", {matrix.plain}, {{"perm", std::vector<std::int64_t>{1, 0}}});
  const std::string product = graph.node("MatMul", {matrix.weighted, transposed});
  return graph.node("Mul", {product, matrix.weighting.inverse_area}, {}, std::move(result));
}

MomentNodes add_moments(GraphBuilder& graph, const FeatureMatrix& matrix, MomentKind kind) {
  if (kind == MomentKind::kGram) return {{}, add_gram(graph, matrix)};
  const std::string mean = add_mean(graph, matrix);
  if (kind == MomentKind::kMean) return {mean, {}};
  return {mean, add_gram(graph, add_centered(graph, matrix, mean))};
}

Slopes scale_slopes(GraphBuilder& graph, const Slopes& slopes, const std::string& factor) {
  const auto scaled = [&](const std::string& slope) {
    return slope.empty() ? slope : graph.node("Mul", {slope, factor});
  };
  return {{}, scaled(slopes.matrix), scaled(slopes.offset)};
}

Slopes add_slopes(GraphBuilder& graph, const Slopes& a, const Slopes& b) {
  const auto sum = [&](const std::string& one, const std::string& other) {
    if (one.empty() || other.empty()) return one.empty() ? other : one;
    return graph.node("Add", {one, other});
  };
  return {{}, sum(a.matrix, b.matrix), sum(a.offset, b.offset)};
}

std::string apply_slopes(GraphBuilder& graph, const FeatureMatrix& matrix, const Slopes& slopes) {
  const FeatureShape& shape = matrix.shape;
  const std::int64_t image[] = {1, shape.channels, shape.height, shape.width};
  if (slopes.offset.empty()) {
    const std::string flat = graph.node("MatMul", {slopes.matrix, matrix.weighted});
    return graph.node("Reshape", {flat, graph.constant(image)});
  }
  const std::int64_t same[] = {shape.channels, static_cast<std::int64_t>(shape.plane())};
  const std::string flat =
      slopes.matrix.empty()
          ? graph.node("Expand", {slopes.offset, graph.constant(same)})
          : graph.node("Add", {graph.node("MatMul", {slopes.matrix, matrix.plain}), slopes.offset});
  const std::string gradient = graph.node("Reshape", {flat, graph.constant(image)});
  if (matrix.weighting.mask.empty()) return gradient;
  return graph.node("Mul", {gradient, matrix.weighting.mask});
}

}  // namespace impasto
