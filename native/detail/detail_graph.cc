#include "detail/detail_graph.h"

#include <algorithm>
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

// Mean and covariance about it. Not the second moment minus the mean's square: of that difference
// little but rounding is left where a picture is nearly flat.
void add_statistics(GraphBuilder& graph, const std::string& maps, const DetailLayer& layer,
                    bool weighted) {
  const std::int64_t positions = static_cast<std::int64_t>(layer.shape.plane());
  const float share[] = {1 / static_cast<float>(positions)};
  const std::string weights =
      weighted ? graph.input(n::kWeights + layer.name, {1, positions}) : std::string();
  const std::string inverse =
      weighted ? graph.input(n::kInverse + layer.name, {1, 1}) : graph.constant(share, {1, 1});
  const auto counted = [&](const std::string& values) {
    return weighted ? graph.node("Mul", {values, weights}) : values;
  };
  const std::string matrix = flat(graph, maps, layer.shape);
  const std::int64_t columns[] = {1};
  const std::string sum = graph.node("ReduceSum", {counted(matrix), graph.constant(columns)});
  const std::string mean = graph.node("Mul", {sum, inverse}, {}, n::kMean + layer.name);
  const std::string centered = graph.node("Sub", {matrix, mean});
  const std::string product =
      graph.node("Gemm", {counted(centered), centered}, {{"transB", std::int64_t{1}}});
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

// The filters for `count` of the input channels from `begin` on, and zeros up to `channels`.
std::string filters_of(GraphBuilder& graph, const DetailConvolution& convolution, int begin,
                       int count, int channels) {
  constexpr std::size_t kTaps = 9;
  const auto in = static_cast<std::size_t>(convolution.in_channels);
  std::vector<float> weights(static_cast<std::size_t>(convolution.out_channels) * channels * kTaps);
  for (std::size_t out = 0; out < static_cast<std::size_t>(convolution.out_channels); ++out) {
    std::copy_n(
        convolution.weight.begin() +
            static_cast<std::ptrdiff_t>((out * in + static_cast<std::size_t>(begin)) * kTaps),
        static_cast<std::size_t>(count) * kTaps,
        weights.begin() +
            static_cast<std::ptrdiff_t>(out * static_cast<std::size_t>(channels) * kTaps));
  }
  return graph.constant(weights, {convolution.out_channels, channels, 3, 3});
}

// A level's first convolution, over the maps from below and the level's own as if they were one:
// two convolutions and a sum cost less than to put the maps together.
std::string add_first_convolution(GraphBuilder& graph, const std::string& below, int below_channels,
                                  const std::string& own, int own_channels,
                                  const DetailConvolution& convolution) {
  const Ints kernel{3, 3};
  const std::string bias = graph.shared_constant(convolution.bias, {convolution.out_channels});
  const std::string sum =
      graph.node("Conv",
                 {add_replicated_border(graph, own),
                  filters_of(graph, convolution, below_channels,
                             convolution.in_channels - below_channels, own_channels),
                  bias},
                 {{"kernel_shape", kernel}});
  if (below.empty()) return sum;
  const std::string other =
      graph.node("Conv",
                 {add_replicated_border(graph, below),
                  filters_of(graph, convolution, 0, below_channels, below_channels)},
                 {{"kernel_shape", kernel}});
  return graph.node("Add", {other, sum});
}

// matrix · features + offset
std::string add_carried(GraphBuilder& graph, const DetailLayer& layer,
                        const std::string& features) {
  const int channels = layer.shape.channels;
  const std::string matrix = graph.input(n::kMatrix + layer.name, {channels, channels});
  const std::string offset = graph.input(n::kOffset + layer.name, {channels, 1});
  const std::string moved = graph.node(
      "Add", {graph.node("MatMul", {matrix, flat(graph, features, layer.shape)}), offset});
  return graph.node("Reshape", {moved, graph.constant(image_shape(layer.shape))});
}

}  // namespace

std::string twice_as_large(GraphBuilder& graph, const std::string& maps) {
  const float scales[] = {1, 1, 2, 2};
  return graph.node("Resize", {maps, "", graph.constant(scales, {4})},
                    {{"mode", std::string("linear")},
                     {"coordinate_transformation_mode", std::string("half_pixel")}});
}

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
                         int width, bool weighted) {
  GraphBuilder graph;
  const std::string pixels = graph.input(n::kPixels, {1, 3, height + 2, width + 2});
  const std::size_t depth = layers.front().index + 1;
  const Pooling pooling = encoder.pooling.value_or(Pooling::kAverage);
  add_vgg_forward(graph, encoder, pixels, height, width, depth, pooling, Border::kReplicate);
  for (const DetailLayer& layer : layers) {
    graph.output(layer.name, image_shape(layer.shape));
    add_statistics(graph, layer.name, layer, weighted);
  }
  return graph.build();
}

ort::Model build_decoder(const Network& encoder, const Detailer& detailer,
                         const std::vector<DetailLayer>& layers, std::size_t kept, int height,
                         int width) {
  GraphBuilder graph;
  for (std::size_t i = 0; i < kept; ++i) graph.input(layers[i].name, image_shape(layers[i].shape));
  if (kept < layers.size()) {
    const std::string pixels = graph.input(n::kPixels, {1, 3, height + 2, width + 2});
    add_vgg_forward(graph, encoder, pixels, height, width, layers[kept].index + 1,
                    encoder.pooling.value_or(Pooling::kAverage), Border::kReplicate);
  }
  const std::string mixed = graph.input(n::kMixed, {1, kMixedChannels, height, width});
  std::string maps;
  int below = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const DetailLevel& level = detailer.levels[i];
    const FeatureShape& shape = layers[i].shape;
    std::vector<std::string> own = {add_carried(graph, layers[i], layers[i].name)};
    int own_channels = shape.channels + level.noise;
    if (level.noise > 0) {
      own.push_back(
          graph.input(n::kNoise + level.layer, {1, level.noise, shape.height, shape.width}));
    }
    if (i + 1 == layers.size()) {
      own.push_back(mixed);
      own_channels += kMixedChannels;
    }
    const std::string together =
        own.size() == 1 ? own.front() : graph.node("Concat", own, {{"axis", std::int64_t{1}}});
    for (const DetailConvolution& convolution : level.convolutions) {
      const bool first = &convolution == &level.convolutions.front();
      maps = first ? add_first_convolution(graph, maps.empty() ? maps : twice_as_large(graph, maps),
                                           below, together, own_channels, convolution)
                   : add_convolution(graph, maps, convolution);
      maps = graph.node("Relu", {maps});
    }
    below = level.convolutions.back().out_channels;
  }
  add_convolution(graph, maps, detailer.out, n::kPicture);
  graph.output(n::kPicture, {1, 3, height, width});
  return graph.build();
}

}  // namespace impasto
