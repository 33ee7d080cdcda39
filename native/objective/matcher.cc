#include "objective/matcher.h"

#include <algorithm>
#include <cmath>

#include "graph/builder.h"

namespace impasto {
namespace {

// Likenesses and queries of a tile, in floats: 32 MB.
constexpr std::size_t kTileFloats = std::size_t{8} << 20;
constexpr std::size_t kLongestTile = 1024;

// Indices come as floats, exact up to 2²⁴.
ort::Model build_matching_model(const Shape& queries, const Shape& candidates) {
  GraphBuilder graph;
  const std::string likeness = graph.node(
      "MatMul", {graph.input("queries", queries), graph.input("candidates", candidates)});
  const std::string index =
      graph.node("ArgMax", {likeness}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}});
  constexpr std::int64_t kFloat = 1;
  graph.node("Cast", {index}, {{"to", kFloat}}, "best");
  graph.output("best", {queries.front()});
  return graph.build();
}

// Rows become columns of length 1.
std::vector<float> normalized_columns(std::span<const float> rows, std::size_t length) {
  const std::size_t count = rows.size() / length;
  std::vector<float> columns(rows.size());
  for (std::size_t j = 0; j < count; ++j) {
    double square = 0;
    for (const float value : rows.subspan(j * length, length)) square += value * value;
    const double factor = 1 / std::sqrt(std::max(square, 1e-12));
    for (std::size_t k = 0; k < length; ++k)
      columns[k * count + j] = static_cast<float>(factor * rows[j * length + k]);
  }
  return columns;
}

}  // namespace

Matcher::Matcher(std::span<const float> candidates, std::size_t length, int threads)
    : candidates_(normalized_columns(candidates, length)) {
  const std::size_t count = candidates.size() / length;
  tile_ = std::clamp<std::size_t>(kTileFloats / (count + length), 1, kLongestTile);
  queries_.resize(tile_ * length);
  best_.resize(tile_);
  const auto rows = static_cast<std::int64_t>(tile_);
  const auto width = static_cast<std::int64_t>(length);
  const Shape of_candidates = {width, static_cast<std::int64_t>(count)};
  session_ = std::make_unique<ort::Session>(build_matching_model({rows, width}, of_candidates),
                                            ort::SessionConfig{DeviceKind::kCpu, threads});
  session_->bind_input("candidates", candidates_, of_candidates);
  session_->bind_changing_input("queries", queries_, {rows, width});
  session_->bind_output("best", best_, {rows});
}

std::vector<std::size_t> Matcher::match(std::size_t count, const Fill& fill) {
  std::vector<std::size_t> result;
  result.reserve(count);
  for (std::size_t first = 0; first < count; first += tile_) {
    const std::size_t rows = std::min(tile_, count - first);
    fill(first, rows, queries_.data());
    session_->run();
    for (std::size_t i = 0; i < rows; ++i) result.push_back(static_cast<std::size_t>(best_[i]));
  }
  return result;
}

}  // namespace impasto
