// The host of a run in parts: what the optimizer asks and tells while it works on one of them.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "optimize/engine.h"

namespace impasto {

// A draft has a strength of its own.
inline LiveSettings for_draft(LiveSettings live) {
  live.style_to_content = live.draft_style_to_content;
  return live;
}

class PartHost final : public Host {
 public:
  enum class Part { kDraft, kPolish };
  PartHost(Host& host, Part part, std::function<Image(Image)> shown,
           std::function<void(Report&)> complete)
      : host_(host), part_(part), shown_(std::move(shown)), complete_(std::move(complete)) {}

  bool proceed(const Save& save) override { return host_.proceed(save); }
  std::optional<LiveSettings> take_update() override {
    std::optional<LiveSettings> update = host_.take_update();
    if (!update) return update;
    live_ = update;
    return part_ == Part::kDraft ? for_draft(*update) : *update;
  }
  void watch(Cancellable* work) override { host_.watch(work); }
  void publish(Image image) override { host_.publish(shown_(std::move(image))); }
  void report(const Report& report) override {
    Report completed = report;
    complete_(completed);
    host_.report(completed);
  }

  // The latest change that came meanwhile.
  const std::optional<LiveSettings>& live() const { return live_; }

 private:
  Host& host_;
  Part part_;
  std::function<Image(Image)> shown_;
  std::function<void(Report&)> complete_;
  std::optional<LiveSettings> live_;
};

}  // namespace impasto
