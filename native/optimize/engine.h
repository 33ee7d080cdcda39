// One run from request to result: coarse to fine, at each scale a descent on the objective.
// Knows nothing of Node: the job worker hosts it on its own thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/settings.h"
#include "base/tensor.h"
#include "objective/objective.h"
#include "optimize/balance.h"
#include "optimize/regions.h"
#include "optimize/schedule.h"

namespace impasto {

// Pictures are [3 or 4, H, W]; the fourth channel is alpha. Masks are [1, any size]; 1 means here.
struct StyleRequest {
  Image picture;
  double weight = 0;
  std::optional<Image> region;      // where in the content it applies; none: everywhere
  std::optional<Image> source;      // which part of it counts; none: all
  std::vector<std::string> layers;  // where it counts alone; none: where no other counts alone
};

struct Request {
  Image content;
  std::vector<StyleRequest> styles;
  std::optional<Image> protect;  // stays as it was
  std::optional<Image> initial;  // any size; given when settings.init is kImage
  Settings settings;
  std::string network_path;
  std::string draft_network_path;  // for drafts and details
  std::string detailer_path;
  std::vector<std::uint8_t> checkpoint;  // empty: from the start
  // Of a frame of a sequence: what the one before left (Result::shot); empty: it is the first.
  std::optional<std::vector<std::uint8_t>> shot;
  // Of the same pictures and network at another size; measured where there is none.
  std::optional<Yardstick> yardstick;
};

// One iterate. Fields as in companion/protocol/engine.ts.
struct Report {
  Size size;
  int scale_index = 0;
  int scale_count = 0;
  int iteration = 0;
  int iterations = 0;
  int total_iteration = 0;
  int total_iterations = 0;
  LossValues losses;
  double seconds_elapsed = 0;
  double seconds_left = 0;
  double fraction = 0;  // of the whole work
  std::string phase;    // "draft", "detail", "polish"; "optimize" where that is all
  std::string device;
  std::string fallback;  // empty: the device that was asked for
  bool within = false;   // told in the middle of an iteration: only the fraction is new
};

struct Result {
  Image image;  // [3 or 4, H, W]
  LossValues losses;
  int iterations = 0;
  double seconds = 0;
  std::string device;
  std::string fallback;
  bool stopped = false;
  std::vector<std::string> notes;  // what people should know of it
  // Of a frame of a sequence: for the next one.
  std::vector<std::uint8_t> shot;
  bool shot_begins = false;  // it has nothing of the frame before
  std::optional<Yardstick> yardstick;
};

// What the engine asks of its surroundings. All calls come from the thread that runs stylize().
class Host {
 public:
  virtual ~Host() = default;

  // Before each iteration; blocks while paused. False: end with the best so far. May call `save`
  // for a checkpoint of the run as it stands, empty before the first iteration. Throws
  // Error("cancelled").
  using Save = std::function<std::vector<std::uint8_t>()>;
  virtual bool proceed(const Save& save) = 0;
  // Changed settings, each change once.
  virtual std::optional<LiveSettings> take_update() = 0;
  // What cancel() has to interrupt; null: nothing. Never something that no longer lives.
  virtual void watch(Cancellable* work) = 0;
  // After each iteration: the best picture so far, of the scale's size, and then the rest.
  virtual void publish(Image image) = 0;
  virtual void report(const Report& report) = 0;
};

// What patches are matched with is found anew so often. Empirical: matches settle within a few
// updates, and finding them takes about as long as a few.
constexpr int kIterationsPerMatch = 5;

// Throws Error; "cancelled" when the host says so.
Result stylize(const Request& request, Host& host);

// The GPU is missing, lost or out of memory: the CPU can do the work instead.
bool is_device_failure(const Error& error);

// Size of the result for a content picture. Throws Error("bad-picture") when a side would be too
// short.
Size result_size(Size content, const Settings& settings);

// The problem that a run poses at a scale; what plans and runs agree on.
Problem problem_at(Size size, const Settings& settings, const Network& network, Parts parts);

}  // namespace impasto
