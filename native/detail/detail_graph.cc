#include "detail/detail_graph.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "detail/maps.h"

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
  const std::string matrix = flat(graph, maps, layer.shape);
  const std::int64_t rows[] = {1}, column[] = {positions, 1};
  const std::string sum =
      weighted
          ? graph.node("MatMul", {matrix, graph.node("Reshape", {weights, graph.constant(column)})})
          : graph.node("ReduceSum", {matrix, graph.constant(rows)});
  const std::string mean = graph.node("Mul", {sum, inverse}, {}, n::kMean + layer.name);
  const std::string centered = graph.node("Sub", {matrix, mean});
  const std::string counted = weighted ? graph.node("Mul", {centered, weights}) : centered;
  const std::string product =
      graph.node("Gemm", {counted, centered}, {{"transB", std::int64_t{1}}});
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

constexpr std::size_t kTaps = 9;

// The filters [out, count, 3, 3] for `count` of the input channels from `begin` on.
std::vector<float> filters_of(const DetailConvolution& convolution, int begin, int count) {
  const auto in = static_cast<std::size_t>(convolution.in_channels) * kTaps;
  const auto part = static_cast<std::size_t>(count) * kTaps;
  std::vector<float> filters;
  filters.reserve(static_cast<std::size_t>(convolution.out_channels) * part);
  for (int out = 0; out < convolution.out_channels; ++out) {
    const float* first = convolution.weight.data() + static_cast<std::size_t>(out) * in +
                         static_cast<std::size_t>(begin) * kTaps;
    filters.insert(filters.end(), first, first + part);
  }
  return filters;
}

// Filters over y = matrix x + offset become filters over x; what the offset comes to goes to
// `bias`. Exact also at the border, where values are repeated.
std::vector<float> fold(const std::vector<float>& filters, const AffineMap& map,
                        std::vector<float>& bias) {
  const std::size_t channels = map.offset.size();
  std::vector<float> folded(filters.size());
  std::vector<float> row(channels);
  for (std::size_t out = 0; out < bias.size(); ++out) {
    const float* from = filters.data() + out * channels * kTaps;
    float* to = folded.data() + out * channels * kTaps;
    double constant = bias[out];
    for (std::size_t tap = 0; tap < kTaps; ++tap) {
      std::fill(row.begin(), row.end(), 0.0f);
      for (std::size_t k = 0; k < channels; ++k) {
        const float weight = from[k * kTaps + tap];
        const float* matrix_row = map.matrix.data() + k * channels;
        constant += static_cast<double>(weight) * map.offset[k];
        for (std::size_t j = 0; j < channels; ++j) row[j] += weight * matrix_row[j];
      }
      for (std::size_t j = 0; j < channels; ++j) to[j * kTaps + tap] = row[j];
    }
    bias[out] = static_cast<float>(constant);
  }
  return folded;
}

// From normalized pixels to the picture around 0.
AffineMap to_picture(const Network& encoder) {
  AffineMap map{std::vector<float>(9), std::vector<float>(3)};
  for (std::size_t i = 0; i < 3; ++i) {
    map.matrix[4 * i] = encoder.std[i];
    map.offset[i] = encoder.mean[i] - 0.5f;
  }
  return map;
}

// What a level's first convolution reads, [1, channels, h + 2, w + 2], in the order of its filters.
struct Read {
  std::string maps;
  int channels = 0;
  const AffineMap* map = nullptr;  // on the way there
};

// The convolution over all of them as if they were one: several convolutions and sums cost less
// than to put the maps together.
std::string add_first_convolution(GraphBuilder& graph, const std::vector<Read>& reads,
                                  const DetailConvolution& convolution) {
  std::vector<float> bias = convolution.bias;
  std::vector<std::vector<float>> filters;
  int begin = 0;
  for (const Read& read : reads) {
    filters.push_back(filters_of(convolution, begin, read.channels));
    if (read.map) filters.back() = fold(filters.back(), *read.map, bias);
    begin += read.channels;
  }
  std::string sum;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    std::vector<std::string> inputs = {
        reads[i].maps,
        graph.constant(filters[i], {convolution.out_channels, reads[i].channels, 3, 3})};
    if (i == 0) inputs.push_back(graph.constant(bias, {convolution.out_channels}));
    const std::string part = graph.node("Conv", inputs, {{"kernel_shape", Ints{3, 3}}});
    sum = sum.empty() ? part : graph.node("Add", {part, sum});
  }
  return sum;
}

Shape around(const FeatureShape& shape, int channels) {
  return {1, channels, shape.height + 2, shape.width + 2};
}

}  // namespace

std::string twice_as_large(GraphBuilder& graph, const std::string& maps) {
  const float scales[] = {1, 1, 2, 2};
  return graph.node("Resize", {maps, "", graph.constant(scales, {4})},
                    {{"mode", std::string("linear")},
                     {"coordinate_transformation_mode", std::string("half_pixel")}});
}

int noise_place(const DetailLayer& layer) { return kHalvings + 1 - block_of(layer.name); }

int made_channels(const Detailer& detailer, std::size_t level) {
  return detailer.levels[level].convolutions.back().out_channels;
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

ort::Model build_encoder(const Network& encoder, const std::vector<DetailLayer>& layers,
                         LevelRange range, int height, int width, bool weighted) {
  GraphBuilder graph;
  const bool from_pixels = range.end == layers.size();
  const std::string read =
      from_pixels ? graph.input(n::kPixels, {1, 3, height + 2, width + 2})
                  : graph.input(layers[range.end].name,
                                around(layers[range.end].shape, layers[range.end].shape.channels));
  const std::size_t begin = from_pixels ? 0 : layers[range.end].index + 1;
  add_vgg_forward(graph, encoder, read, height, width, layers[range.first].index + 1,
                  encoder.pooling.value_or(Pooling::kAverage), Border::kReplicate, begin);
  for (std::size_t i = range.first; i < range.end; ++i) {
    graph.output(layers[i].name, image_shape(layers[i].shape));
    add_statistics(graph, layers[i].name, layers[i], weighted);
  }
  return graph.build();
}

ort::Model build_decoder(const Network& encoder, const Detailer& detailer,
                         const std::vector<DetailLayer>& layers,
                         const std::map<std::string, AffineMap>& maps, LevelRange range,
                         std::size_t kept, int height, int width) {
  GraphBuilder graph;
  const bool to_the_picture = range.end == layers.size();
  const AffineMap picture = to_picture(encoder);
  std::string pixels;
  if (to_the_picture) {
    pixels = graph.input(n::kPixels, {1, 3, height + 2, width + 2});
    add_vgg_forward(graph, encoder, pixels, height, width,
                    layers[std::max(kept, range.first)].index + 1,
                    encoder.pooling.value_or(Pooling::kAverage), Border::kReplicate);
  }
  std::string made;
  if (range.first > 0) {
    const FeatureShape& shape = layers[range.first - 1].shape;
    made = graph.input(n::kMade + layers[range.first - 1].name,
                       {1, made_channels(detailer, range.first - 1), shape.height, shape.width});
  }
  for (std::size_t i = range.first; i < range.end; ++i) {
    const DetailLevel& level = detailer.levels[i];
    const FeatureShape& shape = layers[i].shape;
    std::vector<Read> reads;
    if (i > 0) {
      const std::string below = add_replicated_border(graph, twice_as_large(graph, made));
      reads.push_back({below, made_channels(detailer, i - 1)});
    }
    const std::string features = i < kept ? graph.input(level.layer, around(shape, shape.channels))
                                          : add_replicated_border(graph, level.layer);
    reads.push_back({features, shape.channels, &maps.at(level.layer)});
    if (level.noise > 0) {
      reads.push_back(
          {graph.input(n::kNoise + level.layer, around(shape, level.noise)), level.noise});
    }
    if (i + 1 == layers.size()) reads.push_back({pixels, 3, &picture});
    for (const DetailConvolution& convolution : level.convolutions) {
      const bool first = &convolution == &level.convolutions.front();
      const bool last = &convolution == &level.convolutions.back();
      const std::string sum = first ? add_first_convolution(graph, reads, convolution)
                                    : add_convolution(graph, made, convolution);
      made = graph.node("Relu", {sum}, {}, last ? n::kMade + level.layer : std::string());
    }
  }
  const FeatureShape& shape = layers[range.end - 1].shape;
  if (to_the_picture) {
    add_convolution(graph, made, detailer.out, n::kPicture);
    graph.output(n::kPicture, {1, 3, height, width});
  } else {
    graph.output(made, {1, made_channels(detailer, range.end - 1), shape.height, shape.width});
  }
  return graph.build();
}

}  // namespace impasto
