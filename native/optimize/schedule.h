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
  double pixels() const { return static_cast<double>(width) * height; }
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

// Fewer at a scale would not show.
constexpr int kFewestIterations = 4;

// Coarse to fine, round(end / √2^i) as long as that is at least min_scale and no side falls below
// kSmallestSide (crowsonkb/style-transfer-pytorch). `end` is the last scale.
std::vector<Scale> make_schedule(Size end, const Settings& settings);

// What an iteration costs beside its pixels, as if it had so many more: matrices of the style's
// statistics, the canvas's margin, the calls themselves. A guess until two scales have been seen.
constexpr double kFixedPixels = 8192;
constexpr double kMostFixedPixels = 16 * kFixedPixels;
// An iteration takes what the latest ones took, by their median: now and then one tries several
// steps, or the machine does something else.
constexpr int kLatest = 15;
// The first iteration at a scale evaluates the start as well, and meets memory for the first time.
constexpr double kFirstIteration = 2;
// So many iterations at a scale tell of its pace.
constexpr int kEnough = 5;

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
  // Of the whole work, 0 … 1.
  double fraction(int iteration, double seconds) const;

 private:
  struct Seen {
    double pixels = 0;
    double seconds = 0;  // of an iteration
  };
  double pixels(int index) const;
  double cost(int index) const;  // in pixel iterations
  void note(double seconds);

  std::vector<Scale> scales_;
  std::optional<double> budget_;
  int index_ = 0;
  int done_ = 0;         // when this scale began here
  double opened_ = 0;    // when this scale began
  double begin_ = 0;     // when its first iteration here began
  double first_ = 0;     // when its first iteration here ended: what comes before is set-up
  double last_ = 0;      // when the latest one ended
  double deadline_ = 0;  // with a budget: when it ends
  double per_iteration_ = 0;
  std::vector<double>
      latest_;        // seconds; the first iteration here is left out once there is another
  double usual_ = 0;  // their median
  std::optional<Seen> before_;  // the scale before this one
  double set_up_ = 0;           // seconds of this scale's; the run's first loads more than pictures
  double fixed_pixels_ = kFixedPixels;
};

}  // namespace impasto
