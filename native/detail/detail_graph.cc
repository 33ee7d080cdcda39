#include "detail/detail_graph.h"

#include <utility>

#include "base/error.h"

namespace impasto {
namespace {

using Ints = std::vector<std::int64_t>;
namespace n = detail_names;

std::string flat(GraphBuilder& graph, const std::string& maps, const FeatureShape& shape) {
  const std::int64_t matrix[] = {shape.channels, static_cast<std::int64_t>(shape.plane())};
  return graph.node("Reshape", {maps, graph.constant(matrix)});
}

Shape image_shape(const FeatureShape& shape) {
  return {1, shape.channels, shape.height, shape.width};
}

// Mean and covariance about it, by weights. Not the second moment minus the mean's square: of
// that difference little but rounding is left where a picture is nearly flat.
void add_statistics(GraphBuilder& graph, const std::string& maps, const DetailLayer& layer) {
  const std::int64_t positions = static_cast<std::int64_t>(layer.shape.plane());
  const std::string weights = graph.input(n::kWeights + layer.name, {1, positions});
  const std::string inverse = graph.input(n::kInverse + layer.name, {1, 1});
  const std::string matrix = flat(graph, maps, layer.shape);
  const std::int64_t columns[] = {1};
  const std::string sum =
      graph.node("ReduceSum", {graph.node("Mul", {matrix, weights}), graph.constant(columns)});
  const std::string mean = graph.node("Mul", {sum, inverse}, {}, n::kMean + layer.name);
  const std::string centered = graph.node("Sub", {matrix, mean});
  const std::string product = graph.node("Gemm", {graph.node("Mul", {centered, weights}), centered},
                                         {{"transB", std::int64_t{1}}});
  graph.node("Mul", {product, inverse}, {}, n::kCovariance + layer.name);
  graph.output(n::kMean + layer.name, {layer.shape.channels, 1});
  graph.output(n::kCovariance + layer.name, {layer.shape.channels, layer.shape.channels});
}

std::string add_convolution(GraphBuilder& graph, const std::string& maps,
                            const DetailConvolution& convolution, std::string result = {}) {
  const std::string weight = graph.shared_constant(
      convolution.weight, {convolution.out_channels, convolution.in_channels, 3, 3});
  const std::string bias = graph.shared_constant(convolution.bias, {convolution.out_channels});
  return graph.node("Conv", {add_replicated_border(graph, maps), weight, bias},
                    {{"kernel_shape", Ints{3, 3}}}, std::move(result));
}

std::string twice_as_large(GraphBuilder& graph, const std::string& maps) {
  const float scales[] = {1, 1, 2, 2};
  return graph.node("Resize", {maps, "", graph.constant(scales, {4})},
                    {{"mode", std::string("linear")},
                     {"coordinate_transformation_mode", std::string("half_pixel")}});
}

// matrix · features + offset
std::string add_carried(GraphBuilder& graph, const DetailLayer& layer) {
  const int channels = layer.shape.channels;
  const std::string features = graph.input(layer.name, image_shape(layer.shape));
  const std::string matrix = graph.input(n::kMatrix + layer.name, {channels, channels});
  const std::string offset = graph.input(n::kOffset + layer.name, {channels, 1});
  const std::string moved = graph.node(
      "Add", {graph.node("MatMul", {matrix, flat(graph, features, layer.shape)}), offset});
  return graph.node("Reshape", {moved, graph.constant(image_shape(layer.shape))});
}

}  // namespace

std::vector<DetailLayer> detail_layers(const Network& encoder, const Detailer& detailer, int height,
                                       int width) {
  const std::vector<FeatureShape> shapes = feature_shapes(encoder, height, width);
  std::vector<DetailLayer> layers;
  int below = 0;
  for (const DetailLevel& level : detailer.levels) {
    const std::size_t index = layer_index(encoder, level.layer);
    layers.push_back({level.layer, index, shapes[index]});
    const int picture = &level == &detailer.levels.back() ? 3 : 0;
    const int incoming = below + shapes[index].channels + level.noise + picture;
    if (level.convolutions.front().in_channels != incoming) {
      throw Error("bad-network",
                  "The detailer was made for another network than " + encoder.name + ".",
                  "Use the two that came together.");
    }
    below = level.convolutions.back().out_channels;
  }
  return layers;
}

ort::Model build_encoder(const Network& encoder, const std::vector<DetailLayer>& layers, int height,
                         int width) {
  GraphBuilder graph;
  const std::string pixels = graph.input(n::kPixels, {1, 3, height + 2, width + 2});
  const std::size_t depth = layers.front().index + 1;
  const Pooling pooling = encoder.pooling.value_or(Pooling::kAverage);
  add_vgg_forward(graph, encoder, pixels, height, width, depth, pooling, Border::kReplicate);
  for (const DetailLayer& layer : layers) {
    graph.output(layer.name, image_shape(layer.shape));
    add_statistics(graph, layer.name, layer);
  }
  return graph.build();
}

ort::Model build_decoder(const Detailer& detailer, const std::vector<DetailLayer>& layers,
                         int height, int width) {
  GraphBuilder graph;
  const std::string mixed = graph.input(n::kMixed, {1, 3, height, width});
  std::string maps;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const DetailLevel& level = detailer.levels[i];
    const FeatureShape& shape = layers[i].shape;
    std::vector<std::string> parts;
    if (!maps.empty()) parts.push_back(twice_as_large(graph, maps));
    parts.push_back(add_carried(graph, layers[i]));
    if (level.noise > 0) {
      parts.push_back(
          graph.input(n::kNoise + level.layer, {1, level.noise, shape.height, shape.width}));
    }
    if (i + 1 == layers.size()) parts.push_back(mixed);
    maps = parts.size() == 1 ? parts.front()
                             : graph.node("Concat", parts, {{"axis", std::int64_t{1}}});
    for (const DetailConvolution& convolution : level.convolutions) {
      maps = graph.node("Relu", {add_convolution(graph, maps, convolution)});
    }
  }
  add_convolution(graph, maps, detailer.out, n::kPicture);
  graph.output(n::kPicture, {1, 3, height, width});
  return graph.build();
}

}  // namespace impasto
