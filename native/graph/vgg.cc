#include "graph/vgg.h"

#include "base/error.h"

namespace impasto {
namespace {

using Ints = std::vector<std::int64_t>;

bool follows_pool(const Network& network, std::size_t index) {
  return index > 0 && block_of(network.convolutions[index].layer) >
                          block_of(network.convolutions[index - 1].layer);
}

// 1 where positive, 0 elsewhere (and 1 where zero for beta 1): what every provider has as a kernel,
// threaded, and within the CPU provider's blocked layout.
std::string step(GraphBuilder& graph, const std::string& input, float beta) {
  return graph.node("HardSigmoid", {input}, {{"alpha", 1e20f}, {"beta", beta}});
}

std::string pool(GraphBuilder& graph, const std::string& input, Pooling pooling) {
  return graph.node(pooling == Pooling::kAverage ? "AveragePool" : "MaxPool", {input},
                    {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
}

// Each value times `factor`, with zeros appended below and to the right: a depthwise 1×1
// convolution, which, unlike Pad and Neg, stays in the CPU provider's blocked layout.
std::string scale_and_extend(GraphBuilder& graph, const std::string& input, int channels,
                             float factor, int rows, int columns) {
  const std::vector<float> factors(static_cast<std::size_t>(channels), factor);
  return graph.node("Conv", {input, graph.constant(factors, {channels, 1, 1, 1})},
                    {{"kernel_shape", Ints{1, 1}},
                     {"group", std::int64_t{channels}},
                     {"pads", Ints{0, 0, rows, columns}}});
}

// Each value becomes 2×2; zeros make up for the row or column that the pool dropped of an odd size.
std::string upsample(GraphBuilder& graph, const std::string& input, const FeatureShape& shape) {
  const float scales[] = {1, 1, 2, 2};
  const std::string up = graph.node("Resize", {input, "", graph.constant(scales, {4})},
                                    {{"mode", std::string("nearest")},
                                     {"coordinate_transformation_mode", std::string("asymmetric")},
                                     {"nearest_mode", std::string("floor")}});
  if (shape.height % 2 == 0 && shape.width % 2 == 0) return up;
  return scale_and_extend(graph, up, shape.channels, 1, shape.height % 2, shape.width % 2);
}

// What differs from the maximum by less is as large: equal sums, as in flat areas, differ by their
// rounding, and each engine, machine and place in a vector rounds otherwise.
constexpr float kNearly = 1e-5f;

// `gradient` is ¼ of the gradient with respect to `pooled` (see FlippedFilters); `shape` is that of
// `features`, the pool's input.
std::string unpool(GraphBuilder& graph, const std::string& gradient, const std::string& features,
                   const std::string& pooled, const FeatureShape& shape, Pooling pooling) {
  if (pooling == Pooling::kAverage) return upsample(graph, gradient, shape);
  const std::string minus_maximum =
      scale_and_extend(graph, pooled, shape.channels, kNearly - 1, 0, 0);
  const std::string is_maximum =
      step(graph, graph.node("Add", {features, upsample(graph, minus_maximum, shape)}), 1.0f);
  // Where several of the four are the maximum, as in flat areas, they share the gradient: its mean
  // over the four is ¼ of their number. Div leaves the blocked layout; at this size, and brought
  // back before the upsampling, that costs little.
  const std::string quotient =
      graph.node("Div", {gradient, pool(graph, is_maximum, Pooling::kAverage)});
  const std::string share = scale_and_extend(graph, quotient, shape.channels, 1, 0, 0);
  return graph.node("Mul", {upsample(graph, share, shape), is_maximum});
}

}  // namespace

std::size_t layer_index(const Network& network, const std::string& layer) {
  std::string names;
  for (std::size_t i = 0; i < network.convolutions.size(); ++i) {
    if (network.convolutions[i].layer == layer) return i;
    names += (i == 0 ? "" : ", ") + network.convolutions[i].layer;
  }
  throw Error("layer-missing", "The network " + network.name + " has no layer " + layer + ".",
              "It has " + names + ". Choose among them with --style-layers and --content-layers.");
}

int block_of(const std::string& layer) { return layer.at(4) - '0'; }

std::vector<FeatureShape> feature_shapes(const Network& network, int height, int width) {
  std::vector<FeatureShape> shapes;
  for (std::size_t i = 0; i < network.convolutions.size(); ++i) {
    if (follows_pool(network, i)) {
      height /= 2;
      width /= 2;
    }
    shapes.push_back({network.convolutions[i].out_channels, height, width});
  }
  return shapes;
}

std::string add_replicated_border(GraphBuilder& graph, const std::string& maps) {
  const std::int64_t around[] = {0, 0, 1, 1, 0, 0, 1, 1};
  return graph.node("Pad", {maps, graph.constant(around)}, {{"mode", std::string("edge")}});
}

VggForward add_vgg_forward(GraphBuilder& graph, const Network& network, const std::string& pixels,
                           int height, int width, std::size_t depth, Pooling pooling, Border border,
                           std::size_t begin) {
  VggForward forward;
  forward.shapes = feature_shapes(network, height, width);
  forward.shapes.resize(depth);
  forward.features.resize(begin);
  forward.pooled.resize(begin);
  std::string current = pixels;
  for (std::size_t i = begin; i < depth; ++i) {
    const Convolution& convolution = network.convolutions[i];
    const bool after_pool = i > begin && follows_pool(network, i);
    if (after_pool) current = pool(graph, current, pooling);
    forward.pooled.push_back(after_pool ? current : std::string());
    const bool replicate = border == Border::kReplicate && i > begin;
    if (replicate) current = add_replicated_border(graph, current);
    const std::int64_t padding = i == begin || replicate ? 0 : 1;
    const std::string weight = graph.shared_constant(
        convolution.weight, {convolution.out_channels, convolution.in_channels, 3, 3});
    const std::string bias = graph.shared_constant(convolution.bias, {convolution.out_channels});
    const std::string sum = graph.node(
        "Conv", {current, weight, bias},
        {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{padding, padding, padding, padding}}});
    current = graph.node("Relu", {sum}, {}, convolution.layer);
    forward.features.push_back(current);
  }
  return forward;
}

std::string add_vgg_backward(GraphBuilder& graph, const FlippedFilters& flipped,
                             const VggForward& forward,
                             const std::map<std::size_t, std::string>& gradients, Pooling pooling,
                             const std::string& result) {
  const Network& network = *flipped.network;
  std::string gradient;
  for (std::size_t i = forward.features.size(); i-- > 0;) {
    const Convolution& convolution = network.convolutions[i];
    if (const auto own = gradients.find(i); own != gradients.end()) {
      gradient = gradient.empty() ? own->second : graph.node("Add", {gradient, own->second});
    }
    if (gradient.empty()) continue;  // nothing looks as deep
    const std::string before_relu =
        graph.node("Mul", {gradient, step(graph, forward.features[i], 0.0f)});
    // The first convolution padded nothing, so its gradient spreads over the border as well.
    const std::int64_t padding = i == 0 ? 2 : 1;
    const std::string filters = graph.shared_constant(
        flipped.filters[i], {convolution.in_channels, convolution.out_channels, 3, 3});
    gradient = graph.node(
        "Conv", {before_relu, filters},
        {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{padding, padding, padding, padding}}},
        i == 0 ? result : std::string());
    if (!forward.pooled[i].empty()) {
      gradient = unpool(graph, gradient, forward.features[i - 1], forward.pooled[i],
                        forward.shapes[i - 1], pooling);
    }
  }
  return gradient;
}

}  // namespace impasto
