#include "objective/nearest_loss.h"

#include <cmath>

namespace impasto {
namespace {

// Added to the square of a feature's length.
constexpr float kShortest = 1e-8f;

// "target": the matched features about μ, each of length 1; "center": μ; "count": m.
StyleTarget prepare_nearest(const FeatureMap& map, const StylePatches& style,
                            std::span<const float> center, std::span<const std::size_t> matches) {
  const auto channels = static_cast<std::size_t>(map.shape.channels);
  const std::size_t plane = map.shape.plane();
  std::vector<float> target(map.shape.size());
  std::vector<float> count(plane, 1);
  double area = 0;
  for (std::size_t i = 0; i < plane; ++i) {
    const float* match = &style.values[matches[i] * channels];
    double square = kShortest;
    for (std::size_t c = 0; c < channels; ++c) {
      const double value = static_cast<double>(match[c]) - center[c];
      square += value * value;
    }
    const double factor = 1 / std::sqrt(square);
    for (std::size_t c = 0; c < channels; ++c) {
      target[c * plane + i] = static_cast<float>(factor * (match[c] - center[c]));
    }
    if (!map.mask.empty()) count[i] = map.mask[i];
    area += count[i];
  }
  const std::int64_t c = map.shape.channels, h = map.shape.height, w = map.shape.width;
  StyleTarget result;
  result.inputs.push_back({"target", {1, c, h, w}, std::move(target)});
  result.inputs.push_back({"center", {1, c, 1, 1}, {center.begin(), center.end()}});
  result.inputs.push_back({"count", {1, 1, h, w}, std::move(count)});
  result.scale = 1 / std::max(area, 1e-6);
  return result;
}

LossNodes add_nearest(GraphBuilder& graph, const std::string& features, const FeatureShape& shape,
                      const std::string& factor, const DeclareInput& input) {
  const std::int64_t c = shape.channels, h = shape.height, w = shape.width;
  const std::string target = input("target", {1, c, h, w});
  const std::string center = input("center", {1, c, 1, 1});
  const std::string count = input("count", {1, 1, h, w});
  const std::int64_t channels[] = {1};
  const std::int64_t all[] = {0, 1, 2, 3};
  const std::int64_t flat[] = {1, 1};
  const auto over_channels = [&](const std::string& map) {
    return graph.node("ReduceSum", {map, graph.constant(channels)});
  };
  const float dark[] = {kShortest};
  const float one[] = {1};
  const std::string x = graph.node("Sub", {features, center});
  const std::string length =
      graph.node("Sqrt", {graph.node("Add", {over_channels(graph.node("Mul", {x, x})),
                                             graph.constant(dark, {1, 1, 1, 1})})});
  const std::string unit = graph.node("Div", {x, length});
  const std::string cosine = over_channels(graph.node("Mul", {unit, target}));
  const std::string distance = graph.node("Sub", {graph.constant(one, {1, 1, 1, 1}), cosine});
  const std::string sum =
      graph.node("ReduceSum", {graph.node("Mul", {distance, count}), graph.constant(all)});
  const std::string across = graph.node("Sub", {graph.node("Mul", {unit, cosine}), target});
  const std::string weight = graph.node("Div", {graph.node("Mul", {count, factor}), length});
  return {graph.node("Reshape", {sum, graph.constant(flat)}), graph.node("Mul", {across, weight})};
}

}  // namespace

const MatchedLoss kNearestLoss = {
    .side = 1,
    // Of 64 × 64 positions all, of more a part.
    .most = 4096,
    .pull = 1,
    .at = [](const std::string&) { return true; },
    .centered = true,
    .prepare = prepare_nearest,
    .add = add_nearest,
};

}  // namespace impasto
