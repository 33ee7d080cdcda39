#include "objective/quantiles.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace impasto {
namespace {

constexpr std::int64_t kToInt64 = 7;  // TensorProto.INT64

std::string one_by_one(GraphBuilder& graph, double value) {
  const float values[] = {static_cast<float>(value)};
  return graph.constant(values, {1, 1});
}

// Where the levels of ranks stand in a table: the entry before, and the way to the next.
struct TablePlace {
  std::string before;  // int64
  std::string after;
  std::string fraction;
};

// All positions count alike: the levels are (i + ½) / N. [N] and [1, N].
TablePlace fixed_places(GraphBuilder& graph, std::int64_t plane) {
  std::vector<std::int64_t> before(static_cast<std::size_t>(plane));
  std::vector<std::int64_t> after(before.size());
  std::vector<float> fraction(before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double level = (static_cast<double>(i) + 0.5) / static_cast<double>(plane);
    const double place = std::clamp(level * kLevels - 0.5, 0.0, kLevels - 1.0);
    before[i] = static_cast<std::int64_t>(place);
    after[i] = before[i] + 1;
    fraction[i] = static_cast<float>(place - std::floor(place));
  }
  return {graph.constant(before), graph.constant(after), graph.constant(fraction, {1, plane})};
}

// weights: [R, N], by rank. All [R, N].
TablePlace weighted_places(GraphBuilder& graph, const std::string& weights,
                           const std::string& inverse_area) {
  const std::int64_t along[] = {1};
  const std::string sums = graph.node("CumSum", {weights, graph.constant(along)});
  const std::string middles =
      graph.node("Sub", {sums, graph.node("Mul", {weights, one_by_one(graph, 0.5)})});
  const std::string levels = graph.node("Mul", {middles, inverse_area});
  const std::string places = graph.node(
      "Sub", {graph.node("Mul", {levels, one_by_one(graph, kLevels)}), one_by_one(graph, 0.5)});
  const std::string inside = graph.node(
      "Min", {graph.node("Max", {places, one_by_one(graph, 0)}), one_by_one(graph, kLevels - 1)});
  const std::string before = graph.node("Floor", {inside});
  const auto index = [&](const std::string& real) {
    return graph.node("Cast", {real}, {{"to", kToInt64}});
  };
  return {index(before), index(graph.node("Add", {before, one_by_one(graph, 1)})),
          graph.node("Sub", {inside, before})};
}

}  // namespace

std::vector<float> quantile_table(std::span<const double> values, std::span<const double> weights) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> levels;
  double below = 0;
  for (const std::size_t i : order) {
    levels.push_back((below + weights[i] / 2) / total);
    below += weights[i];
  }
  std::vector<float> table;
  std::size_t next = 0;
  for (int k = 0; k < kLevels; ++k) {
    const double level = (k + 0.5) / kLevels;
    while (next < levels.size() && levels[next] < level) ++next;
    if (next == 0 || next == levels.size()) {
      table.push_back(static_cast<float>(values[next == 0 ? order.front() : order.back()]));
      continue;
    }
    const double way = (level - levels[next - 1]) / (levels[next] - levels[next - 1]);
    const double low = values[order[next - 1]];
    table.push_back(static_cast<float>(low + way * (values[order[next]] - low)));
  }
  table.push_back(table.back());
  return table;
}

TransportNodes add_transport(GraphBuilder& graph, const FeatureMatrix& matrix,
                             const std::string& rows, const std::string& table) {
  const auto plane = static_cast<std::int64_t>(matrix.shape.plane());
  const bool masked = !matrix.weighting.mask.empty();
  const std::int64_t all[] = {plane};
  const std::vector<std::string> sorted =
      graph.nodes("TopK", {rows, graph.constant(all)}, 2,
                  {{"axis", std::int64_t{1}}, {"largest", std::int64_t{0}}});
  std::string weights;
  if (masked) {
    const std::string mask = graph.node("Reshape", {matrix.weighting.mask, graph.constant(all)});
    weights = graph.node("Gather", {mask, sorted[1]});
  }
  const TablePlace place = masked ? weighted_places(graph, weights, matrix.weighting.inverse_area)
                                  : fixed_places(graph, plane);
  const char* gather = masked ? "GatherElements" : "Gather";
  const auto entry = [&](const std::string& index) {
    return graph.node(gather, {table, index}, {{"axis", std::int64_t{1}}});
  };
  const std::string before = entry(place.before);
  const std::string step = graph.node("Sub", {entry(place.after), before});
  const std::string target = graph.node("Add", {before, graph.node("Mul", {step, place.fraction})});
  const std::string difference = graph.node("Sub", {sorted[0], target});
  const std::string weighted = masked ? graph.node("Mul", {difference, weights}) : difference;
  const std::int64_t both[] = {0, 1};
  const std::string sum =
      graph.node("ReduceSum", {graph.node("Mul", {difference, weighted}), graph.constant(both)});
  // Each position has a rank, so nothing is left of the rows that are written to.
  return {graph.node("Mul", {sum, matrix.weighting.inverse_area}),
          graph.node("ScatterElements", {rows, sorted[1], weighted}, {{"axis", std::int64_t{1}}})};
}

}  // namespace impasto
