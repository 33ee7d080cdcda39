#include "learn/decoder_graphs.h"

namespace impasto {
namespace {

namespace names_of = learn_names;
using Ints64 = std::vector<std::int64_t>;

struct MapSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

MapSize size_at(const std::vector<DetailLayer>& layers, std::size_t level) {
  return {layers[level].shape.height, layers[level].shape.width};
}

std::string reshaped(GraphBuilder& graph, const std::string& maps, const Ints64& shape,
                     std::string result = {}) {
  return graph.node("Reshape", {maps, graph.constant(shape)}, {}, std::move(result));
}

std::string sliced(GraphBuilder& graph, const std::string& maps, std::int64_t axis,
                   std::int64_t begin, std::int64_t end) {
  return graph.node("Slice", {maps, graph.constant(Ints64{begin}), graph.constant(Ints64{end}),
                              graph.constant(Ints64{axis})});
}

// The transpose of repeating the outermost values once around: [1, C, h + 2, w + 2] → [1, C, h, w].
std::string fold_border(GraphBuilder& graph, std::string maps, MapSize inner) {
  for (const std::int64_t axis : {std::int64_t{2}, std::int64_t{3}}) {
    const std::int64_t n = axis == 2 ? inner.height : inner.width;
    const auto at = [&](std::int64_t begin, std::int64_t end) {
      return sliced(graph, maps, axis, begin, end);
    };
    if (n == 1) {
      maps = graph.node("Add", {graph.node("Add", {at(0, 1), at(1, 2)}), at(2, 3)});
      continue;
    }
    std::vector<std::string> parts = {graph.node("Add", {at(0, 1), at(1, 2)})};
    if (n > 2) parts.push_back(at(2, n));
    parts.push_back(graph.node("Add", {at(n, n + 1), at(n + 1, n + 2)}));
    maps = graph.node("Concat", parts, {{"axis", axis}});
  }
  return maps;
}

// The transpose of twice_as_large(): [1, C, 2h, 2w] → [1, C, h, w]. A value was spread by
// ¼ ¾ ¾ ¼ over maps with their border repeated.
std::string shrunk_back(GraphBuilder& graph, const std::string& maps, int channels, MapSize small) {
  constexpr float kSpread[] = {0.25f, 0.75f, 0.75f, 0.25f};
  std::vector<float> kernel;
  for (const float a : kSpread)
    for (const float b : kSpread) kernel.push_back(a * b);
  const std::string apart = reshaped(graph, maps, {channels, 1, 2 * small.height, 2 * small.width});
  const std::string gathered = graph.node(
      "Conv", {apart, graph.constant(kernel, {1, 1, 4, 4})},
      {{"kernel_shape", Ints64{4, 4}}, {"strides", Ints64{2, 2}}, {"pads", Ints64{3, 3, 3, 3}}});
  const std::string together =
      reshaped(graph, gathered, {1, channels, small.height + 2, small.width + 2});
  return fold_border(graph, together, small);
}

// What a convolution read, with its border repeated.
struct Read {
  std::string own;
  std::string below;  // empty: nothing
};

Read add_read(GraphBuilder& graph, const std::vector<LearnedConvolution>& convolutions,
              std::size_t i) {
  const LearnedConvolution& c = convolutions[i];
  Read read;
  read.own = add_replicated_border(
      graph, c.first ? numbered(names_of::kOwn, c.level) : numbered(names_of::kMade, i - 1));
  if (c.below > 0) {
    read.below =
        add_replicated_border(graph, twice_as_large(graph, numbered(names_of::kMade, i - 1)));
  }
  return read;
}

void add_own_inputs(GraphBuilder& graph, const std::vector<LearnedConvolution>& convolutions,
                    const std::vector<DetailLayer>& layers) {
  for (const LearnedConvolution& c : convolutions) {
    if (!c.first) continue;
    const MapSize size = size_at(layers, c.level);
    graph.input(numbered(names_of::kOwn, c.level), {1, c.own, size.height, size.width});
  }
}

// The gradient of [out, in, 3, 3] from what was read [1, in, h + 2, w + 2] and the gradient at what
// was made [1, out, h, w]: for each tap a product of matrices over all positions.
void add_filter_slope(GraphBuilder& graph, const std::string& read, int in, const std::string& pull,
                      int out, MapSize size, const std::string& result) {
  const std::int64_t positions = size.height * size.width;
  const std::string rows = reshaped(graph, pull, {out, positions});
  std::vector<std::string> taps;
  for (std::int64_t y = 0; y < 3; ++y) {
    const std::string band = sliced(graph, read, 2, y, y + size.height);
    for (std::int64_t x = 0; x < 3; ++x) {
      const std::string part = sliced(graph, band, 3, x, x + size.width);
      const std::string product = graph.node("Gemm", {rows, reshaped(graph, part, {in, positions})},
                                             {{"transB", std::int64_t{1}}});
      taps.push_back(reshaped(graph, product, {out, in, 1}));
    }
  }
  const std::string all = graph.node("Concat", taps, {{"axis", std::int64_t{2}}});
  reshaped(graph, all, {out, in, 3, 3}, result);
  graph.output(result, {out, in, 3, 3});
}

}  // namespace

std::string numbered(const char* what, std::size_t number) { return what + std::to_string(number); }

ort::Model build_learned_decoder(const std::vector<LearnedConvolution>& convolutions,
                                 const std::vector<DetailLayer>& layers) {
  GraphBuilder graph;
  add_own_inputs(graph, convolutions, layers);
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    const LearnedConvolution& c = convolutions[i];
    const MapSize size = size_at(layers, c.level);
    const bool paints = i + 1 == convolutions.size();
    const Read read = add_read(graph, convolutions, i);
    const std::vector<NodeAttribute> kernel = {{"kernel_shape", Ints64{3, 3}}};
    std::string sum =
        graph.node("Conv",
                   {read.own, graph.input(numbered(names_of::kOwnFilters, i), {c.out, c.own, 3, 3}),
                    graph.input(numbered(names_of::kBias, i), {c.out})},
                   kernel, paints ? names_of::kPainted : "");
    if (c.below > 0) {
      const std::string other = graph.node(
          "Conv",
          {read.below, graph.input(numbered(names_of::kBelowFilters, i), {c.out, c.below, 3, 3})},
          kernel);
      sum = graph.node("Add", {sum, other});
    }
    if (!paints) graph.node("Relu", {sum}, {}, numbered(names_of::kMade, i));
    graph.output(paints ? names_of::kPainted : numbered(names_of::kMade, i),
                 {1, c.out, size.height, size.width});
  }
  return graph.build();
}

ort::Model build_filter_gradient(const std::vector<LearnedConvolution>& convolutions,
                                 const std::vector<DetailLayer>& layers) {
  GraphBuilder graph;
  add_own_inputs(graph, convolutions, layers);
  for (std::size_t i = 0; i + 1 < convolutions.size(); ++i) {
    const MapSize size = size_at(layers, convolutions[i].level);
    graph.input(numbered(names_of::kMade, i), {1, convolutions[i].out, size.height, size.width});
  }
  const LearnedConvolution& last = convolutions.back();
  const MapSize whole = size_at(layers, last.level);
  std::string pull = graph.input(names_of::kPull, {1, last.out, whole.height, whole.width});
  for (std::size_t i = convolutions.size(); i-- > 0;) {
    const LearnedConvolution& c = convolutions[i];
    const MapSize size = size_at(layers, c.level);
    if (i + 1 < convolutions.size()) {
      pull = graph.node("Mul", {pull, graph.node("Sign", {numbered(names_of::kMade, i)})});
    }
    const Read read = add_read(graph, convolutions, i);
    add_filter_slope(graph, read.own, c.own, pull, c.out, size, numbered(names_of::kOwnSlope, i));
    if (c.below > 0) {
      add_filter_slope(graph, read.below, c.below, pull, c.out, size,
                       numbered(names_of::kBelowSlope, i));
    }
    const std::string sum =
        graph.node("ReduceSum", {pull, graph.constant(Ints64{0, 2, 3})},
                   {{"keepdims", std::int64_t{0}}}, numbered(names_of::kBiasSlope, i));
    graph.output(sum, {c.out});
    if (i == 0) break;
    const bool from_below = c.first;
    const int in = from_below ? c.below : c.own;
    const std::string turned = graph.input(
        numbered(from_below ? names_of::kTurnedBelow : names_of::kTurnedOwn, i), {in, c.out, 3, 3});
    const std::string padded = graph.node(
        "Conv", {pull, turned}, {{"kernel_shape", Ints64{3, 3}}, {"pads", Ints64{2, 2, 2, 2}}});
    pull = fold_border(graph, padded, size);
    if (from_below) pull = shrunk_back(graph, pull, in, size_at(layers, c.level - 1));
  }
  return graph.build();
}

}  // namespace impasto
