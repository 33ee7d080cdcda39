// How far a quick picture is, and how long the rest will take.
#pragma once

#include <optional>
#include <vector>

#include "optimize/engine.h"
#include "optimize/stopwatch.h"

namespace impasto {

class QuickProgress {
 public:
  // `passes`: of the detailer at each step. `polish_per_pixel`: work of one update of the polish.
  QuickProgress(std::vector<Size> sizes, const Settings& settings, int passes,
                double polish_per_pixel);

  // Perhaps once more, when the strength has changed; `updates` may be fewer than the settings'.
  void begin_draft(int updates);
  void end_draft(const Result& drafted);
  void end_pass(std::size_t step);
  void end_middle(const Result& made);

  // What the optimizer says of its part becomes what is said of the whole.
  void complete_draft(Report& report);
  void complete_middle(Report& report);
  void complete_polish(Report& report) const;
  // In a pass of which `share` is done. The losses are those of what was evaluated last.
  Report of_detail(std::size_t step, double share);

  double seconds() const { return watch_.seconds(); }
  // Of the parts that have ended; the polish is none of them.
  int iterations() const { return iterations_; }
  const LossValues& losses() const { return losses_; }

 private:
  struct Done {
    double fraction = 0;  // of the whole work
    double seconds = 0;
  };
  double draft_work() const;
  double pass_work(std::size_t step) const;
  double middle_work() const;
  double polish_work() const;
  double all_work() const;
  void complete(Report& report, const char* phase, std::size_t step, double work) const;
  double seconds_left(const Report& report);

  std::vector<Size> sizes_;
  int draft_updates_;
  int middle_updates_;
  int polish_updates_;
  int passes_;
  double polish_per_pixel_;
  Stopwatch watch_;
  std::optional<Done> first_;  // told of the draft
  double done_ = 0;            // work
  int iterations_ = 0;         // before the part in work
  LossValues losses_;          // of the optimizer's last part
};

}  // namespace impasto
