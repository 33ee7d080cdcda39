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

std::vector<Scale> make_schedule(Size end, const Settings& settings) {
  std::vector<Scale> scales;
  for (int i = 0;; ++i) {
    const int long_side =
        static_cast<int>(std::lround(end.long_side() / std::pow(std::numbers::sqrt2, i)));
    const Size size = with_long_side(end, long_side);
    if (i > 0 && (long_side < settings.min_scale || size.short_side() < kSmallestSide)) break;
    scales.push_back({size, settings.iterations});
  }
  std::reverse(scales.begin(), scales.end());
  scales.front().iterations = settings.first_iterations;
  return scales;
}

Pace::Pace(const std::vector<Scale>& scales, std::optional<double> budget)
    : scales_(scales), budget_(budget) {}

double Pace::cost(int index) const {
  const Scale& scale = scales_[index];
  return static_cast<double>(scale.size.width) * scale.size.height * scale.iterations;
}

void Pace::begin_scale(int index, int done, double seconds) {
  index_ = index;
  done_ = done;
  begin_ = first_ = seconds;
  per_iteration_ = 0;
  if (!budget_) return;
  double left = 0;
  for (int i = index; i < static_cast<int>(scales_.size()); ++i) left += cost(i);
  deadline_ = seconds + (*budget_ - seconds) * cost(index) / left;
}

bool Pace::go_on(int iteration, double seconds) {
  const int here = iteration - done_;
  if (here == 0) begin_ = seconds;
  if (here == 1) first_ = seconds;
  if (here > 0) {
    per_iteration_ = here > 1 ? (seconds - first_) / (here - 1) : seconds - begin_;
    per_pixel_ = per_iteration_ /
                 (static_cast<double>(scales_[index_].size.width) * scales_[index_].size.height);
  }
  if (!budget_) return iteration < scales_[index_].iterations;
  // Every scale gets one iteration; the next one is begun when at least half of it fits.
  return here == 0 || seconds + per_iteration_ / 2 < deadline_;
}

int Pace::iterations(int index) const {
  if (!budget_ || index != index_ || per_iteration_ <= 0) return scales_[index].iterations;
  return done_ + 1 + std::max(0, static_cast<int>((deadline_ - first_) / per_iteration_));
}

double Pace::seconds_left(int iteration, double seconds) const {
  if (budget_) return std::max(0.0, *budget_ - seconds);
  const Scale& scale = scales_[index_];
  double pixels = static_cast<double>(scale.size.width) * scale.size.height *
                  std::max(0, scale.iterations - iteration);
  for (int i = index_ + 1; i < static_cast<int>(scales_.size()); ++i) pixels += cost(i);
  return pixels * per_pixel_;
}

}  // namespace impasto
