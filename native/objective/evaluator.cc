#include "objective/evaluator.h"

#include <algorithm>
#include <utility>

#include "objective/session_evaluator.h"
#include "objective/tiled_evaluator.h"

namespace impasto {

// Self-similarity compares positions from all over the picture with each other; what is matched
// needs features on the host. What sorts features, or takes their waves, has no tiles yet.
bool has_tiles(const Problem& problem) {
  return !is_matched(problem) && !need_features(problem.style_losses) &&
         std::find(problem.content_losses.begin(), problem.content_losses.end(),
                   ContentLoss::kSelfSimilarity) == problem.content_losses.end();
}

std::unique_ptr<Evaluator> open_evaluator(std::shared_ptr<const Network> network,
                                          const Problem& problem, const DeviceOptions& device,
                                          Between between) {
  if (device.tile > 0 && has_tiles(problem)) {
    Windows tiles = cut_into_tiles(*network, problem, device.tile);
    if (tiles.list.size() > 1) {
      drop_idle_evaluators();  // memory is short
      return std::make_unique<TiledEvaluator>(std::move(network), problem, std::move(tiles), device,
                                              std::move(between));
    }
  }
  return take_session_evaluator(std::move(network), problem, device);
}

void close_evaluator(std::unique_ptr<Evaluator> evaluator) {
  if (dynamic_cast<SessionEvaluator*>(evaluator.get()) == nullptr) return;
  keep_session_evaluator(
      std::unique_ptr<SessionEvaluator>(static_cast<SessionEvaluator*>(evaluator.release())));
}

}  // namespace impasto
