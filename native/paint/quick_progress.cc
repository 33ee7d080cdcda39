#include "paint/quick_progress.h"

#include <algorithm>
#include <utility>

#include "paint/quick_sizes.h"

namespace impasto {
namespace {

// The first update of a draft comes when everything is open, after the time of so many.
constexpr double kFirstUpdate = 10;

double share_of(const Report& report) {
  return static_cast<double>(report.total_iteration) / std::max(1, report.total_iterations);
}

}  // namespace

QuickProgress::QuickProgress(std::vector<Size> sizes, const Settings& settings, int passes,
                             double polish_per_pixel)
    : sizes_(std::move(sizes)),
      draft_updates_(settings.first_iterations),
      middle_updates_(middle_updates(sizes_, settings)),
      polish_updates_(settings.iterations),
      passes_(passes),
      polish_per_pixel_(polish_per_pixel) {}

void QuickProgress::begin_draft(int updates) {
  draft_updates_ = updates;
  first_.reset();
  done_ = 0;
  iterations_ = 0;
}

void QuickProgress::end_draft(const Result& drafted) {
  iterations_ = drafted.iterations;
  losses_ = drafted.losses;
  done_ = draft_work();
}

void QuickProgress::end_pass(std::size_t step) { done_ += pass_work(step); }

void QuickProgress::end_middle(const Result& made) {
  iterations_ += made.iterations;
  losses_ = made.losses;
  done_ += middle_work();
}

void QuickProgress::complete_draft(Report& report) {
  complete(report, "draft", 0, draft_work() * share_of(report));
  report.seconds_left = seconds_left(report);
}

void QuickProgress::complete_middle(Report& report) {
  complete(report, "detail", kMiddle, done_ + middle_work() * share_of(report));
  report.seconds_left = seconds_left(report);
}

// The optimizer's own word for the time left: it is the last part.
void QuickProgress::complete_polish(Report& report) const {
  complete(report, "polish", sizes_.size() - 1,
           all_work() - polish_work() * (1 - share_of(report)));
}

Report QuickProgress::of_detail(std::size_t step, double share) {
  Report report;
  report.size = sizes_[step];
  report.losses = losses_;
  complete(report, "detail", step, done_ + share * pass_work(step));
  report.seconds_left = seconds_left(report);
  return report;
}

double QuickProgress::draft_work() const {
  return kDraftWork * draft_updates_ * sizes_.front().pixels();
}

double QuickProgress::pass_work(std::size_t step) const {
  return kDetailWork * sizes_[step].pixels();
}

double QuickProgress::middle_work() const {
  return middle_updates_ > 0 ? middle_updates_ * sizes_[kMiddle].pixels() : 0;
}

double QuickProgress::polish_work() const {
  return polish_per_pixel_ * polish_updates_ * sizes_.back().pixels();
}

double QuickProgress::all_work() const {
  double work = draft_work() + middle_work() + polish_work();
  for (std::size_t step = 1; step < sizes_.size(); ++step) work += passes_ * pass_work(step);
  return work;
}

void QuickProgress::complete(Report& report, const char* phase, std::size_t step,
                             double work) const {
  report.phase = phase;
  report.scale_index = static_cast<int>(step);
  report.scale_count = static_cast<int>(sizes_.size());
  report.total_iteration += iterations_;
  report.total_iterations = draft_updates_ + middle_updates_ + polish_updates_;
  report.fraction = std::min(1.0, work / all_work());
  report.seconds_elapsed = watch_.seconds();
}

// At the pace since the draft's first update: what comes before it is not done again.
double QuickProgress::seconds_left(const Report& report) {
  const Done now{report.fraction, report.seconds_elapsed};
  if (!first_) first_ = now;
  const Done done = now.fraction > first_->fraction
                        ? Done{now.fraction - first_->fraction, now.seconds - first_->seconds}
                        : Done{now.fraction, now.seconds / kFirstUpdate};
  return done.seconds * (1 - now.fraction) / std::max(done.fraction, 1e-6);
}

}  // namespace impasto
