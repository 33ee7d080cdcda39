// Which sizes a run goes through and how long it stays at each.
#pragma once

#include <optional>
#include <vector>

#include "base/settings.h"

namespace impasto {

struct Size {
  int width = 0;
  int height = 0;
  int long_side() const { return width > height ? width : height; }
  int short_side() const { return width < height ? width : height; }
  bool operator==(const Size&) const = default;
};

// Below this the fifth block of the network has less than two pixels.
constexpr int kSmallestSide = 32;

// The same aspect with `long_side` on the longer side.
Size with_long_side(Size size, int long_side);

// A style picture beside a result: scaled by `style_scale` relative to it, never enlarged beyond
// its pixels, never below kSmallestSide.
Size style_size(Size style, Size result, double style_scale);

struct Scale {
  Size size;
  int iterations = 0;
};

// Coarse to fine, round(end / √2^i) as long as that is at least min_scale and no side falls below
// kSmallestSide (crowsonkb/style-transfer-pytorch). `end` is the last scale.
std::vector<Scale> make_schedule(Size end, const Settings& settings);

// Decides when a scale has had its time. Without a budget that is its iteration count; with one,
// each scale gets the share of the time left that its pixels and iterations would take of what is
// still to do.
class Pace {
 public:
  Pace(const std::vector<Scale>& scales, std::optional<double> budget);

  // `done`: updates that a checkpoint brought along. seconds: since the run's start, pauses left
  // out.
  void begin_scale(int index, int done, double seconds);
  // After `iteration` updates at this scale: is there one more?
  bool go_on(int iteration, double seconds);

  // Estimates, exact without a budget.
  int iterations(int index) const;
  double seconds_left(int iteration, double seconds) const;

 private:
  double cost(int index) const;  // in pixel iterations

  std::vector<Scale> scales_;
  std::optional<double> budget_;
  int index_ = 0;
  int done_ = 0;         // when this scale began here
  double begin_ = 0;     // when its first iteration here began
  double first_ = 0;     // when its first iteration here ended: what comes before is set-up
  double deadline_ = 0;  // with a budget: when it ends
  double per_iteration_ = 0;
  double per_pixel_ = 0;  // seconds per pixel and iteration, latest scale
};

}  // namespace impasto
