#include "optimize/footing.h"

#include <algorithm>

#include "objective/objective.h"
#include "optimize/engine.h"
#include "optimize/pixel_terms.h"

namespace impasto {
namespace {

// Tiles in parts of the smallest, where half of a side is halo: at 1.75 they take twice the work of
// the picture at once, four times as long 1.3 times.
constexpr double kUsualTile = 1.75;
constexpr int kLargestTile = 4;
constexpr int kTileStep = 32;  // px
// With fewer steps L-BFGS is hardly better than the gradient.
constexpr int kLeastSteps = 2;
// Tiles grow, and steps are remembered, up to here: 4096 x 3072 px at half width are to take 2 GB
// with Node. What takes more for its pixels alone may have so much more to be quicker.
constexpr double kModestBytes = 1.93e9;
constexpr double kModestFactor = 1.2;

double picture_bytes(Size size) { return 3.0 * sizeof(float) * size.width * size.height; }

// What stands beside the objective, in pictures: iterate, gradient, direction, candidate and its
// gradient; what is shown, at 8 bits; what comes and goes. And the content, as it was read, which
// is never larger than the result, and at the result's size.
double bytes_beside(const Demand& demand, const Scale& scale, const StepMemory& steps) {
  const Settings& settings = demand.settings;
  double pictures = 5 + 0.25 + 0.5;
  if (settings.optimizer == OptimizerKind::kLbfgs) {
    pictures += std::min(steps.steps, scale.iterations) * (steps.is_short ? 1 : 2);
  } else {
    pictures += 1;  // what was evaluated, which may be the best
  }
  if (settings.averaging > 0) pictures += 1;
  if (demand.parts.masked || demand.parts.regions > 0) pictures += 3 + demand.parts.regions;
  const double contents = picture_bytes(demand.result) +
                          std::min(picture_bytes(demand.content), picture_bytes(demand.result));
  return pictures * picture_bytes(scale.size) + contents +
         static_cast<double>(PixelTerms::bytes(settings, scale.size));
}

// With the iterations made until its end, each of which may leave a step to remember; with a time
// budget nobody knows how many.
Scale with_all_iterations(const std::vector<Scale>& scales, std::size_t index,
                          const Settings& settings) {
  Scale scale = scales[index];
  for (std::size_t i = 0; i < index; ++i) scale.iterations += scales[i].iterations;
  if (settings.budget) scale.iterations = settings.history;
  return scale;
}

// Of one scale, with the iterations until its end.
class Ground {
 public:
  Ground(const Demand& demand, const Scale& scale, double device_bytes)
      : demand_(demand),
        device_bytes_(device_bytes),
        scale_(scale),
        problem_(problem_at(scale.size, demand.settings, demand.network, demand.parts)),
        smallest_(has_tiles(problem_) ? smallest_tile(demand.network, problem_) : 0) {}

  Footing at_once() const { return footing(0, all_steps()); }

  bool fits(const Footing& footing, double bytes) const {
    return static_cast<double>(footing.bytes) <= bytes &&
           static_cast<double>(footing.evaluation_bytes) <= device_bytes_;
  }

  // The most comfortable within `bytes`.
  Footing in_tiles(double bytes) const {
    if (smallest_ == 0) return at_once();
    const std::vector<StepMemory> memories = step_memories();
    const auto holds = [&](int tile, const StepMemory& steps, double limit) {
      return fits(footing(tile, steps), limit);
    };
    int tile = static_cast<int>(kUsualTile * smallest_);
    while (tile > smallest_ && !holds(tile, memories.back(), bytes)) {
      tile = std::max(smallest_, tile - kTileStep);
    }
    const double least = static_cast<double>(footing(tile, memories.back()).bytes);
    const double modest =
        std::min(bytes, least <= kModestBytes ? kModestBytes : kModestFactor * least);
    const auto steps = std::find_if(memories.begin(), memories.end() - 1,
                                    [&](const auto& each) { return holds(tile, each, modest); });
    while (tile < kLargestTile * smallest_ && holds(tile + kTileStep, *steps, modest)) {
      tile += kTileStep;
    }
    return footing(tile, *steps);
  }

  int smaller_tile(int tile) const {
    if (smallest_ == 0 || tile == smallest_) return 0;
    return std::max(smallest_, (tile > 0 ? tile : std::min(problem_.width, problem_.height)) / 2);
  }

 private:
  StepMemory all_steps() const { return {demand_.settings.history, false}; }

  // What the optimizer may remember, most first.
  std::vector<StepMemory> step_memories() const {
    std::vector<StepMemory> memories = {all_steps()};
    if (demand_.settings.optimizer != OptimizerKind::kLbfgs) return memories;
    const int all = demand_.settings.history;
    for (int steps = all; steps >= std::min(all, kLeastSteps); --steps) {
      memories.push_back({steps, true});
    }
    return memories;
  }

  Footing footing(int tile, const StepMemory& steps) const {
    const double objective =
        static_cast<double>(tile == 0 ? predict_bytes(demand_.network, problem_)
                                      : predict_bytes(demand_.network, problem_, tile));
    const double bytes = objective + bytes_beside(demand_, scale_, steps);
    return {tile, steps, static_cast<std::size_t>(bytes), static_cast<std::size_t>(objective),
            false};
  }

  const Demand& demand_;
  double device_bytes_;
  Scale scale_;
  Problem problem_;
  int smallest_;  // 0: it has no tiles
};

// What the sessions of the scales before the last hold, kept for the next run.
std::size_t idle_bytes(const Demand& demand, const std::vector<Scale>& scales) {
  std::vector<Problem> before;
  for (std::size_t i = 0; i + 1 < scales.size(); ++i) {
    before.push_back(problem_at(scales[i].size, demand.settings, demand.network, demand.parts));
  }
  return predict_idle_bytes(demand.network, before);
}

}  // namespace

std::vector<Footing> find_footings(const Demand& demand, const std::vector<Scale>& scales,
                                   const Room& room) {
  std::vector<Footing> footings;
  const Ground top(demand, with_all_iterations(scales, scales.size() - 1, demand.settings),
                   room.device);
  Footing last = top.at_once();
  const std::size_t kept = idle_bytes(demand, scales);
  if (!top.fits(last, room.at_once)) last = top.in_tiles(room.most);
  if (last.tile == 0 && static_cast<double>(last.bytes + kept) <= room.at_once) {
    last.bytes += kept;
  } else {
    last.alone = true;
  }
  // Once the last scale is in tiles, none before it takes more.
  const auto peak = static_cast<double>(last.bytes);
  for (std::size_t i = 0; i + 1 < scales.size(); ++i) {
    const Ground ground(demand, with_all_iterations(scales, i, demand.settings), room.device);
    const Footing footing = ground.at_once();
    footings.push_back(ground.fits(footing, peak) ? footing : ground.in_tiles(peak));
  }
  footings.push_back(last);
  return footings;
}

int smaller_tile(const Demand& demand, Size size, int tile) {
  return Ground(demand, {size, 0}, 0).smaller_tile(tile);
}

}  // namespace impasto
