#include "objective/gram_loss.h"

#include <algorithm>

namespace impasto {

FeatureMatrix add_feature_matrix(GraphBuilder& graph, const std::string& features,
                                 const std::string& mask, const FeatureShape& shape) {
  const std::int64_t flat[] = {shape.channels, static_cast<std::int64_t>(shape.plane())};
  const std::string matrix = graph.constant(flat);
  const std::string plain = graph.node("Reshape", {features, matrix});
  if (mask.empty()) return {plain, plain};
  return {plain, graph.node("Reshape", {graph.node("Mul", {features, mask}), matrix})};
}

std::string add_gram(GraphBuilder& graph, const FeatureMatrix& matrix,
                     const std::string& inverse_area, std::string result) {
  const std::string transposed =
      graph.node("Transpose", {matrix.plain}, {{"perm", std::vector<std::int64_t>{1, 0}}});
  const std::string product = graph.node("MatMul", {matrix.weighted, transposed});
  return graph.node("Mul", {product, inverse_area}, {}, std::move(result));
}

LossNodes add_gram_loss(GraphBuilder& graph, const std::string& features, const FeatureShape& shape,
                        const StyleInputs& inputs) {
  const FeatureMatrix matrix = add_feature_matrix(graph, features, inputs.mask, shape);
  const std::string gram = add_gram(graph, matrix, inputs.inverse_area);
  const std::string difference = graph.node("Sub", {gram, inputs.target});
  const std::int64_t all[] = {0, 1};
  const std::string sum =
      graph.node("ReduceSum", {graph.node("Mul", {difference, difference}), graph.constant(all)});
  const std::string scaled = graph.node("Mul", {difference, inputs.factor});
  const std::string gradient = graph.node("MatMul", {scaled, matrix.weighted});
  const std::int64_t image[] = {1, shape.channels, shape.height, shape.width};
  return {sum, graph.node("Reshape", {gradient, graph.constant(image)})};
}

double gram_scale(const Moments& target, bool relative) {
  const double entries = static_cast<double>(target.gram.size());
  if (!relative) return 1 / entries;
  double sum = 0;
  for (float value : target.gram) sum += static_cast<double>(value) * value;
  // A layer that a style leaves dark has nothing to be relative to.
  return 1 / std::max(sum, 1e-8 * entries);
}

}  // namespace impasto
