#include "objective/gram_loss.h"

#include <algorithm>

namespace impasto {
namespace {

constexpr const char* kGramTarget = "target";  // A, [C, C]

StyleTarget gram_target(const Moments& style, double scale) {
  return {{{kGramTarget, {style.channels, style.channels}, style.gram}}, scale, 0};
}

StyleTarget prepare_gram(const Moments& style) {
  return gram_target(style, 1 / static_cast<double>(style.gram.size()));
}

StyleTarget prepare_normalized_gram(const Moments& style) {
  double sum = 0;
  for (float value : style.gram) sum += static_cast<double>(value) * value;
  // A layer that a style leaves dark has nothing to be relative to.
  return gram_target(style, 1 / std::max(sum, 1e-8 * static_cast<double>(style.gram.size())));
}

// Of Σ (G − A)², S = 2 (G − A): G is symmetric.
Slopes add_gram_slopes(GraphBuilder& graph, const MomentNodes& moments, int channels,
                       const DeclareInput& input) {
  const std::string target = input(kGramTarget, {channels, channels});
  const std::string difference = graph.node("Sub", {moments.second, target});
  const std::int64_t all[] = {0, 1};
  const std::string squares = graph.node("Mul", {difference, difference});
  return {graph.node("ReduceSum", {squares, graph.constant(all)}),
          graph.node("Add", {difference, difference}),
          {}};
}

}  // namespace

const MomentLoss kGramLoss = {MomentKind::kGram, prepare_gram, add_gram_slopes};
const MomentLoss kNormalizedGramLoss = {MomentKind::kGram, prepare_normalized_gram,
                                        add_gram_slopes};

}  // namespace impasto
