#include "addon/job.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "addon/turn.h"
#include "base/error.h"
#include "machine/threads.h"
#include "ort/session.h"

namespace impasto {
namespace {

constexpr std::chrono::milliseconds kBetweenNotices(50);
// A session's threads beside the job's own: when scales change, the last one's are still there.
constexpr int kPoolsAtOnce = 2;
// The job's, and those that decoding and encoding pictures takes around it: a result that cannot be
// written would be the dearest way to find out.
constexpr int kOwnThreads = 1 + 4;

// [3, H, W] to RGB bytes.
std::vector<std::uint8_t> interleave(const Image& image) {
  std::vector<std::uint8_t> rgb(3 * image.plane());
  for (int c = 0; c < 3; ++c) {
    const float* plane = image.data.data() + c * image.plane();
    for (std::size_t i = 0; i < image.plane(); ++i) {
      rgb[3 * i + c] =
          static_cast<std::uint8_t>(std::lround(std::clamp(plane[i], 0.0f, 1.0f) * 255));
    }
  }
  return rgb;
}

Error cancelled_error() { return Error("cancelled", "The run was cancelled."); }

}  // namespace

Job::Job(Work work, int threads, Wishes wishes, std::function<void()> notify)
    : work_(std::move(work)), threads_(threads), wishes_(wishes), notify_(std::move(notify)) {}

Job::~Job() { join(); }

void Job::start() {
  try {
    const int pool = (threads_ > 0 ? threads_ : default_threads()) - 1;
    require_threads(kOwnThreads + kPoolsAtOnce * pool);
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    finish(std::nullopt, std::make_exception_ptr(out_of_threads(error.what())));
  } catch (...) {
    finish(std::nullopt, std::current_exception());
  }
}

void Job::run() {
  try {
    const Turn turn([this] { return cancelled() || stopped_.load(); });
    if (cancelled()) throw cancelled_error();
    // A run stopped while it waited still owes a picture: the engine returns its first one at once.
    finish(work_(*this), nullptr);
  } catch (...) {
    // Whatever broke while the run was being torn down, its cause is the cancelling.
    finish(std::nullopt,
           cancelled() ? std::make_exception_ptr(cancelled_error()) : std::current_exception());
  }
}

void Job::finish(std::optional<Result> result, std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    watched_ = nullptr;
    finished_ = news_.finished = true;
    news_.result = std::move(result);
    news_.error = std::move(error);
    if (checkpoint_wanted_) {
      checkpoint_wanted_ = false;
      news_.checkpoint_ready = true;
    }
  }
  notify_();
}

// ---- [js thread] ----

void Job::update(const LiveSettings& live) {
  const std::lock_guard lock(mutex_);
  update_ = live;
}

void Job::pause() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
}

void Job::resume() {
  const std::lock_guard lock(mutex_);
  paused_ = false;
  changed_.notify_all();
}

void Job::stop() {
  stopped_ = true;
  {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  Turn::wake_waiting();
}

void Job::cancel() {
  cancelled_ = true;
  {
    const std::lock_guard lock(mutex_);
    if (watched_ != nullptr) watched_->cancel();
    changed_.notify_all();
  }
  Turn::wake_waiting();
}

void Job::request_checkpoint() {
  {
    const std::lock_guard lock(mutex_);
    if (!finished_) {
      checkpoint_wanted_ = true;
      changed_.notify_all();
      return;
    }
    news_.checkpoint_ready = true;
  }
  notify_();
}

Job::News Job::collect() {
  const std::lock_guard lock(mutex_);
  News news = std::move(news_);
  news_ = {};
  return news;
}

std::shared_ptr<const Job::Shown> Job::picture() {
  const std::lock_guard lock(mutex_);
  return picture_;
}

void Job::join() {
  if (!thread_.joinable()) return;
  cancel();
  thread_.join();
}

// ---- [worker] ----

bool Job::proceed(const Save& save) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(
        lock, [this] { return !paused_ || checkpoint_wanted_ || cancelled() || stopped_.load(); });
    if (cancelled()) throw cancelled_error();
    if (!checkpoint_wanted_) return !stopped_;
    checkpoint_wanted_ = false;
    lock.unlock();
    std::vector<std::uint8_t> bytes = save();
    lock.lock();
    news_.checkpoint_ready = true;
    news_.checkpoint = std::move(bytes);
    lock.unlock();
    notify_();
    lock.lock();
  }
}

std::optional<LiveSettings> Job::take_update() {
  const std::lock_guard lock(mutex_);
  return std::exchange(update_, std::nullopt);
}

void Job::watch(Cancellable* work) {
  const std::lock_guard lock(mutex_);
  watched_ = work;
  if (work != nullptr && cancelled()) work->cancel();
}

void Job::report(const Report& report) {
  bool now = false;
  {
    const std::lock_guard lock(mutex_);
    news_.progress = report;
    if (wishes_.trace && !report.within) news_.trace.push_back(report);
    const int every = wishes_.snapshot_every;
    if (every > 0 && !report.within && report.total_iteration % every == 0) {
      news_.snapshots.push_back({report.total_iteration, published_});
    }
    const auto time = std::chrono::steady_clock::now();
    now = time - notified_ >= kBetweenNotices;
    if (now) notified_ = time;
  }
  if (now) notify_();
}

void Job::publish(Image image) {
  auto shown = std::make_shared<const Shown>(Shown{image.width, image.height, interleave(image)});
  std::shared_ptr<const Image> published;
  if (wishes_.snapshot_every > 0) published = std::make_shared<const Image>(std::move(image));
  const std::lock_guard lock(mutex_);
  picture_ = std::move(shown);
  published_ = std::move(published);
}

}  // namespace impasto
