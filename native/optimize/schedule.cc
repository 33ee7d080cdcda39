#include "optimize/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace impasto {

Size with_long_side(Size size, int long_side) {
  const double scale = static_cast<double>(long_side) / size.long_side();
  return {std::max(1, static_cast<int>(std::lround(size.width * scale))),
          std::max(1, static_cast<int>(std::lround(size.height * scale)))};
}

Size style_size(Size style, Size result, double style_scale) {
  const double smallest =
      std::ceil(static_cast<double>(kSmallestSide) * style.long_side() / style.short_side());
  const double wanted = std::max(smallest, std::round(result.long_side() * style_scale));
  return with_long_side(style, static_cast<int>(std::min<double>(wanted, style.long_side())));
}

namespace {

// Above easing_side the iterations fall with the pixels, so that each scale takes about the same
// time: forms are found below it, and what is left to find above it is detail.
int iterations_at(int long_side, const Settings& settings) {
  if (settings.easing_side == 0 || long_side <= settings.easing_side) return settings.iterations;
  const double shrink = static_cast<double>(settings.easing_side) / long_side;
  const int eased = static_cast<int>(std::lround(settings.iterations * shrink * shrink));
  return std::max(eased, std::min(settings.iterations, kFewestIterations));
}

}  // namespace

std::vector<Scale> make_schedule(Size end, const Settings& settings) {
  std::vector<Scale> scales;
  for (int i = 0;; ++i) {
    const int long_side =
        static_cast<int>(std::lround(end.long_side() / std::pow(std::numbers::sqrt2, i)));
    const Size size = with_long_side(end, long_side);
    if (i > 0 && (long_side < settings.min_scale || size.short_side() < kSmallestSide)) break;
    scales.push_back({size, iterations_at(long_side, settings)});
  }
  std::reverse(scales.begin(), scales.end());
  scales.front().iterations = settings.first_iterations;
  return scales;
}

Pace::Pace(const std::vector<Scale>& scales, std::optional<double> budget)
    : scales_(scales), budget_(budget) {}

double Pace::pixels(int index) const { return scales_[index].size.pixels(); }

double Pace::cost(int index) const { return pixels(index) * scales_[index].iterations; }

void Pace::begin_scale(int index, int done, double seconds) {
  if (usual_ > 0) before_ = Seen{pixels(index_), usual_};
  index_ = index;
  done_ = done;
  opened_ = begin_ = first_ = seconds;
  per_iteration_ = usual_ = 0;
  latest_.clear();
  if (!budget_) return;
  double left = 0;
  for (int i = index; i < static_cast<int>(scales_.size()); ++i) left += cost(i);
  deadline_ = seconds + (*budget_ - seconds) * cost(index) / left;
}

bool Pace::go_on(int iteration, double seconds) {
  const int here = iteration - done_;
  if (here == 0) {
    begin_ = seconds;
    if (before_) set_up_ = seconds - opened_;
  }
  if (here == 1) first_ = seconds;
  if (here == 2) latest_.clear();
  if (here > 0) {
    per_iteration_ = here > 1 ? (seconds - first_) / (here - 1) : seconds - begin_;
    note(seconds - last_);
  }
  last_ = seconds;
  if (!budget_) return iteration < scales_[index_].iterations;
  // Every scale gets one iteration; the next one is begun when at least half of it fits.
  return here == 0 || seconds + per_iteration_ / 2 < deadline_;
}

void Pace::note(double seconds) {
  if (static_cast<int>(latest_.size()) == kLatest) latest_.erase(latest_.begin());
  latest_.push_back(seconds);
  std::vector<double> sorted = latest_;
  std::sort(sorted.begin(), sorted.end());
  usual_ = sorted[(sorted.size() - 1) / 2];
  if (!before_ || static_cast<int>(latest_.size()) < kEnough) return;
  const double per_pixel = (usual_ - before_->seconds) / (pixels(index_) - before_->pixels);
  fixed_pixels_ = per_pixel > 0
                      ? std::clamp(usual_ / per_pixel - pixels(index_), 0.0, kMostFixedPixels)
                      : kMostFixedPixels;
}

int Pace::iterations(int index) const {
  if (!budget_ || index != index_ || per_iteration_ <= 0) return scales_[index].iterations;
  return done_ + 1 + std::max(0, static_cast<int>((deadline_ - first_) / per_iteration_));
}

double Pace::seconds_left(int iteration, double seconds) const {
  if (budget_) return std::max(0.0, *budget_ - seconds);
  const auto weight = [this](int index) { return pixels(index) + fixed_pixels_; };
  double left = weight(index_) * std::max(0, scales_[index_].iterations - iteration);
  double set_ups = 0;
  for (int i = index_ + 1; i < static_cast<int>(scales_.size()); ++i) {
    left += weight(i) * scales_[i].iterations;
    set_ups += set_up_ * pixels(i) / pixels(index_);
  }
  const Seen as_first = before_.value_or(Seen{pixels(index_), usual_ / kFirstIteration});
  const Seen seen = iteration - done_ > 1 ? Seen{pixels(index_), usual_} : as_first;
  return left * seen.seconds / (seen.pixels + fixed_pixels_) + set_ups;
}

double Pace::fraction(int iteration, double seconds) const {
  if (budget_) return std::min(1.0, seconds / *budget_);
  double done = 0, all = 0;
  for (int i = 0; i < static_cast<int>(scales_.size()); ++i) {
    all += cost(i);
    if (i < index_) done += cost(i);
  }
  done += pixels(index_) * iteration;
  return all > 0 ? std::min(1.0, done / all) : 1;
}

}  // namespace impasto
