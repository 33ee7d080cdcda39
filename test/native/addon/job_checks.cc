// Jobs by themselves, without Node and ONNX Runtime: they take turns, each ends once, whatever is
// asked of them at any moment and from any thread, and an end by cancelling is told as one.
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "addon/job.h"
#include "check.h"

using namespace impasto;

namespace {

constexpr int kIterations = 20;
constexpr int kJobs = 60;

std::atomic<int> at_work = 0;

// What a cancel has to end.
struct Evaluation final : Cancellable {
  std::atomic<bool> cancelled = false;
  void cancel() override { cancelled = true; }
};

// One of them: who is stopped in line never gets here.
class AtWork {
 public:
  AtWork() { CHECK(++at_work == 1); }
  ~AtWork() { --at_work; }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
};

// Some iterations of next to nothing; a checkpoint is the number of those done.
Result iterate(Host& host) {
  Result result;
  std::optional<AtWork> here;
  for (int i = 0; i < kIterations; ++i) {
    if (!host.proceed([i] { return std::vector<std::uint8_t>{static_cast<std::uint8_t>(i)}; })) {
      result.stopped = true;
      break;
    }
    if (!here) here.emplace();
    host.take_update();
    Evaluation evaluation;
    host.watch(&evaluation);
    std::this_thread::yield();
    host.watch(nullptr);
    host.publish({3, 4, 4, std::vector<float>(48, 0.5f)});
    Report report;
    report.total_iteration = result.iterations = i + 1;
    host.report(report);
  }
  return result;
}

// A job and what it has told.
struct Observed {
  std::atomic<int> notices = 0;
  std::unique_ptr<Job> job;
  int ends = 0;
  int checkpoints = 0;
  std::string code;  // of the error; empty: none
  std::optional<Result> result;

  explicit Observed(Job::Work work, Job::Wishes wishes = {})
      : job(std::make_unique<Job>(std::move(work), 1, wishes, [this] { ++notices; })) {}

  void collect() {
    Job::News news = job->collect();
    checkpoints += news.checkpoint_ready ? 1 : 0;
    if (!news.finished) return;
    ++ends;
    result = std::move(news.result);
    try {
      if (news.error) std::rethrow_exception(news.error);
    } catch (const Error& error) {
      code = error.code();
    } catch (...) {
      code = "other";
    }
  }
  void wait() {
    while (ends == 0) {
      collect();
      std::this_thread::yield();
    }
  }
};

void disturb(Job& job, int how) {
  switch (how % 6) {
    case 0:
      return job.cancel();
    case 1:
      return job.stop();
    case 2:
      return job.update({});
    case 3:
      job.pause();
      job.picture();
      return job.resume();
    case 4:
      return job.request_checkpoint();
    default:
      return;
  }
}

void check_disturbed() {
  std::vector<std::unique_ptr<Observed>> all;
  for (int i = 0; i < kJobs; ++i) {
    all.push_back(std::make_unique<Observed>(iterate, Job::Wishes{true, 3}));
    all.back()->job->start();
    for (int k = 0; k < i % 7; ++k) std::this_thread::yield();
    disturb(*all[static_cast<std::size_t>(i / 2)]->job, i);
    disturb(*all.back()->job, i / 6);
  }
  for (const auto& each : all) {
    each->job->resume();
    each->wait();
    each->collect();
    CHECK(each->ends == 1);
    CHECK(each->notices > 0);
    CHECK(each->result.has_value() != (each->code == "cancelled"));
  }
}

void check_end_by_cancelling() {
  // Whatever breaks while a job is being cancelled.
  Observed observed([](Host& host) -> Result {
    Evaluation evaluation;
    host.watch(&evaluation);
    while (!evaluation.cancelled) std::this_thread::yield();
    host.watch(nullptr);
    throw std::bad_alloc();
  });
  observed.job->start();
  observed.job->cancel();
  observed.wait();
  CHECK(observed.code == "cancelled");
  Observed failing([](Host&) -> Result { throw std::bad_alloc(); });
  failing.job->start();
  failing.wait();
  CHECK(failing.code == "other");
}

// Who waits for a turn hears of a cancel, and never gets to work.
void check_waiting() {
  std::atomic<bool> begun = false, go_on = false, ran = false;
  Observed first([&](Host&) -> Result {
    begun = true;
    while (!go_on) std::this_thread::yield();
    return {};
  });
  first.job->start();
  while (!begun) std::this_thread::yield();
  Observed second([&](Host&) -> Result {
    ran = true;
    return {};
  });
  second.job->start();
  second.job->cancel();
  second.wait();
  CHECK(second.code == "cancelled");
  CHECK(!ran);
  go_on = true;
  first.wait();
  CHECK(first.result.has_value());
}

void check_checkpoints() {
  Observed observed(iterate);
  observed.job->pause();
  observed.job->start();
  observed.job->request_checkpoint();
  while (observed.checkpoints == 0) observed.collect();
  observed.job->stop();
  observed.wait();
  CHECK(observed.result && observed.result->stopped);
  observed.job->request_checkpoint();
  observed.collect();
  CHECK(observed.checkpoints == 2);
}

// Destroyed in mid-run: it is cancelled, and its thread has ended.
void check_destruction() {
  for (int i = 0; i < 20; ++i) {
    Observed observed(iterate);
    observed.job->start();
    for (int k = 0; k < i; ++k) std::this_thread::yield();
    observed.job.reset();
    CHECK(at_work == 0);
  }
}

}  // namespace

int main() {
  check_disturbed();
  check_end_by_cancelling();
  check_waiting();
  check_checkpoints();
  check_destruction();
  return failed_checks == 0 ? 0 : 1;
}
