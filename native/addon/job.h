// One run on a thread of its own: waits for its turn, hosts the engine, and holds what other
// threads may ask for at any time. Node is told through `notify` that there is something new to
// collect; nothing here is Node's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "optimize/engine.h"

namespace impasto {

class Job : private Host {
 public:
  // What is done on the thread, once it is this job's turn.
  using Work = std::function<Result(Host&)>;

  // The best picture so far, as people see it: RGB bytes.
  struct Shown {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;
  };
  // A picture as it stood after an iteration.
  struct Snapshot {
    int total_iteration = 0;
    std::shared_ptr<const Image> picture;
  };
  // What a job tells beside its progress.
  struct Wishes {
    bool trace = false;      // a report of every iteration
    int snapshot_every = 0;  // a snapshot of each n-th; 0: none
  };
  // What has come up since the last collect().
  struct News {
    std::optional<Report> progress;
    std::vector<Report> trace;
    std::vector<Snapshot> snapshots;
    bool checkpoint_ready = false;
    std::vector<std::uint8_t> checkpoint;  // empty: there is none
    bool finished = false;
    std::optional<Result> result;  // when it succeeded
    std::exception_ptr error;      // when it did not; an Error("cancelled") after cancel()
  };

  // `threads`: of the work's sessions, 0: one per physical core. `notify` is called on the worker's
  // thread, at most 20 times a second but for the end; it must not block.
  Job(Work work, int threads, Wishes wishes, std::function<void()> notify);
  ~Job();  // cancels and joins

  // Where no thread can be had for it, the news are an Error("out-of-threads").
  void start();

  // [js thread]
  void update(const LiveSettings& live);
  void pause();
  void resume();
  void stop();
  void cancel();
  // The answer comes with the news after the iteration in work; empty when the run ends before.
  void request_checkpoint();
  News collect();
  // The best picture so far; null before the first iteration.
  std::shared_ptr<const Shown> picture();
  // Cancels and waits for the thread, less than one evaluation.
  void join();

 private:
  void run();
  void finish(std::optional<Result> result, std::exception_ptr error);
  bool cancelled() const { return cancelled_.load(); }

  // Host, on the worker's thread.
  bool proceed(const Save& save) override;
  std::optional<LiveSettings> take_update() override;
  void watch(Cancellable* work) override;
  void report(const Report& report) override;
  void publish(Image image) override;

  Work work_;
  const int threads_;
  const Wishes wishes_;
  const std::function<void()> notify_;
  std::thread thread_;

  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool paused_ = false;
  bool checkpoint_wanted_ = false;
  bool finished_ = false;
  std::optional<LiveSettings> update_;
  Cancellable* watched_ = nullptr;
  std::shared_ptr<const Shown> picture_;
  std::shared_ptr<const Image> published_;  // the same where snapshots are wanted
  News news_;
  std::chrono::steady_clock::time_point notified_{};
};

}  // namespace impasto
