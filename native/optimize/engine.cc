#include "optimize/engine.h"

#include <algorithm>
#include <new>
#include <set>
#include <type_traits>
#include <utility>

#include "image/canvas.h"
#include "image/picture.h"
#include "image/protect.h"
#include "image/resize.h"
#include "optimize/average.h"
#include "optimize/balance.h"
#include "optimize/checkpoint.h"
#include "optimize/optimizer.h"
#include "optimize/pixel_terms.h"
#include "optimize/requirements.h"
#include "optimize/scene.h"
#include "optimize/stopwatch.h"
#include "ort/status.h"

namespace impasto {
namespace {

// Ends the evaluation in work: the host wants something else.
struct Interrupted {};

class Engine {
 public:
  Engine(const Request& request, Host& host)
      : request_(request),
        settings_(request.settings),
        host_(host),
        network_(load_network(request.network_path)),
        size_(result_size({request.content.width, request.content.height}, settings_)),
        scales_(make_schedule(size_, settings_)),
        pace_(scales_, settings_.budget),
        device_(request.settings.device),
        parts_(parts_of(request)),
        yardstick_(request.yardstick) {
    check_layers(*network_, settings_.style_layers, settings_.content_layers);
    footings_ = require_footings(demand(), scales_);
    sources_ = open_sources(request, size_);
  }
  // Also when an error ends the run: cancel() may come from another thread at any time.
  ~Engine() { host_.watch(nullptr); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result run() {
    if (settings_.live.style_to_content == 0 && !settings_.live.style_weight)
      return unchanged(false);
    if (!proceed(0)) return unchanged(true);
    if (sources_.masked()) notes_ = Scene(sources_, settings_, size_).notes();

    for (int index = restore(); index < count(); ++index) {
      open_scale(index);
      const bool stopped = descend();
      if (stopped || index + 1 == count()) return finish(stopped);
      close_objective();
      carry_to(scales_[index + 1].size);
    }
    throw Error("internal", "The run had no scale to work at.");
  }

 private:
  int count() const { return static_cast<int>(scales_.size()); }

  Demand demand() const {
    return {*network_, settings_, {request_.content.width, request_.content.height}, size_, parts_};
  }

  // Of the scale in work.
  const Footing& footing() const { return footings_[index_]; }

  // ---- before a scale ----

  // Pictures, targets and objective; the iterate is already of the scale's size, but at the first.
  void open_scale(int index) {
    index_ = index;
    pace_.begin_scale(index, restored_iteration_, watch_.seconds());
    scene_.emplace(sources_, settings_, scales_[index].size);
    if (pixels_.data.empty()) pixels_ = scene_->first_picture();
    on_device([&] { open_objective_here(); });
    protected_ = scene_->protect() ? scene_->canvas().rgb : Image();
    pixel_terms_.emplace(settings_, scene_->canvas().rgb, scene_->reference());
    if (!optimizer_) optimizer_ = make_optimizer(settings_, pixels_.width, pixels_.height);
    optimizer_->limit_memory(footing().steps);
    forget_best();
  }

  void open_objective_here() {
    const DeviceOptions device{device_, settings_.threads, footing().tile};
    const std::vector<MeasuredStyle> styles = scene_->measured_styles(
        network_, device, [this](Cancellable* measuring) { host_.watch(measuring); });
    const Picture content = scene_->canvas();
    if (footing().alone) drop_idle_objectives();
    objective_ = open_objective(network_, problem_at(scene_->size(), settings_, *network_, parts_),
                                device, [this](double share) { between_tiles(share); });
    host_.watch(objective_.get());
    until_match_ = 0;
    objective_->set_styles(styles);
    objective_->set_content(content.rgb, content.alpha ? &*content.alpha : nullptr,
                            scene_->regions());
    apply_weights();
  }

  // The yardstick is taken once, at the first scale: the losses are relative and change little with
  // size. Again, though, as long as a layer has none: a part of the picture may be too small for it
  // at first. Weights by hand need none.
  void apply_weights() {
    const bool by_hand = settings_.live.content_weight && settings_.live.style_weight;
    if (!by_hand && (!yardstick_ || !is_complete(*yardstick_))) {
      yardstick_ = measure_yardstick(*objective_, scene_->canvas().rgb, scene_->reference());
    }
    objective_->set_weights(balance(settings_, yardstick_));
  }

  // ---- at a scale ----

  // Asks the host; its answer may take a pause.
  bool proceed(int iteration) {
    return watch_.without([&] { return host_.proceed([&] { return save(iteration); }); });
  }

  // True when the host ended the run here.
  bool descend() {
    int iteration = restored_iteration_;
    within_ = 0;
    for (bool more = pace_.go_on(iteration, watch_.seconds()); more;) {
      if (!proceed(iteration)) return true;
      if (auto update = host_.take_update()) update_ = update;
      if (update_) change(*std::exchange(update_, std::nullopt));
      bool moved = false;
      try {
        stepping_at_ = iteration;
        moved = step();
        stepping_at_.reset();
      } catch (const Interrupted&) {
        stepping_at_.reset();
        if (stopping_) return true;
        continue;
      }
      ++iteration;
      ++total_;
      within_ = 0;
      // No step makes it better: that is the end here.
      more = pace_.go_on(iteration, watch_.seconds()) && moved;
      report(iteration);
    }
    restored_iteration_ = 0;
    return false;
  }

  // Within a step the host is asked before each tile, as between two steps: evaluations of large
  // pictures take minutes. The step begins anew when its settings have changed.
  void between_tiles(double share) {
    if (!stepping_at_) return;
    const int iteration = *stepping_at_;
    stopping_ = !proceed(iteration);
    update_ = host_.take_update();
    if (stopping_ || update_) throw Interrupted{};
    report_within(iteration, share);
  }

  // One update of the picture.
  bool step() {
    std::vector<LossValues> trials;
    const auto try_at = [&](std::span<const float> x, std::span<float> gradient) {
      trials.push_back(evaluate(x, gradient));
      return trials.back().total;
    };
    const Optimizer::Update result = on_device([&] {
      if (!objective_) {
        open_objective_here();
        optimizer_->forget();
      }
      match();
      return optimizer_->step(try_at, pixels_.data);
    });
    // Refused trials count for nothing; with none accepted the value may be an earlier step's.
    for (const LossValues& trial : trials) {
      if (trial.total == result.value) losses_ = trial;
    }
    if (settings_.averaging > 0) average_.add(pixels_.data);
    if (!has_best_ || result.value < best_losses_.total) {
      has_best_ = true;
      best_.assign(optimizer_->evaluated().begin(), optimizer_->evaluated().end());
      best_losses_ = losses_;
    }
    return result.moved;
  }

  // Losses that match patches have a target for a few iterations; with another, another picture is
  // the best.
  void match() {
    if (!is_matched(objective_->problem()) || until_match_-- > 0) return;
    until_match_ = kIterationsPerMatch - 1;
    objective_->rematch(pixels_.data);
    optimizer_->revalue();
    forget_best();
  }

  void forget_best() {
    has_best_ = false;
    best_.clear();
  }

  // Protected parts are the content's, whatever the iterate has there.
  LossValues evaluate(std::span<const float> x, std::span<float> gradient) {
    const std::optional<Image>& protect = scene_->protect();
    if (!protect) return evaluate_terms(x, gradient);
    std::vector<float> seen(x.begin(), x.end());
    put_back(protected_, *protect, seen);
    const LossValues losses = evaluate_terms(seen, gradient);
    hold_back(*protect, gradient);
    return losses;
  }

  LossValues evaluate_terms(std::span<const float> x, std::span<float> gradient) {
    LossValues losses = objective_->evaluate(x, gradient);
    const double on_pixels = pixel_terms_->add(x, settings_.live, gradient);
    keep_seamless(gradient, pixels_.height, pixels_.width, settings_.seamless);
    losses.content += on_pixels;
    losses.total += on_pixels;
    return losses;
  }

  void change(const LiveSettings& live) {
    settings_.live = live;
    on_device([&] { objective_ ? apply_weights() : open_objective_here(); });
    optimizer_->set_step_size(live.step_size);
    optimizer_->forget();
    forget_best();
    average_.clear();
  }

  // The average where one is asked for, else the best iterate; a canvas.
  Image best() const {
    Image image{3, pixels_.height, pixels_.width, {}};
    if (settings_.averaging > 0 && !average_.empty()) {
      image.data = average_.value();
    } else {
      image.data = best_.empty() ? pixels_.data : best_;
    }
    return image;
  }

  // ---- between two scales ----

  void carry_to(Size next) {
    const auto resized = [next, this](const Image& canvas, Filter filter) {
      return extend(resize(crop(canvas), next.width, next.height, filter), settings_.seamless);
    };
    Image carried = resized(best(), Filter::kBicubic);
    clamp_to_unit(carried);
    optimizer_->limit_memory(footings_[index_ + 1].steps);
    optimizer_->resample({pixels_.width, pixels_.height}, {carried.width, carried.height}, resized);
    pixels_ = std::move(carried);
    average_.clear();
  }

  // ---- reports ----

  void report(int iteration) {
    Image shown = scene_->shown(best());
    clamp_to_unit(shown);
    host_.publish(std::move(shown));
    host_.report(progress(iteration));
  }

  // `share`: of an evaluation; an iteration takes one as a rule.
  void report_within(int iteration, double share) {
    within_ = std::max(within_, share);  // a step may take several, or begin anew
    Report report = progress(iteration);
    const double next = pace_.fraction(iteration + 1, report.seconds_elapsed);
    report.fraction += within_ * (next - report.fraction);
    report.within = true;
    host_.report(report);
  }

  Report progress(int iteration) const {
    Report report;
    report.size = scene_->size();
    report.scale_index = index_;
    report.scale_count = count();
    report.iteration = iteration;
    report.iterations = std::max(iteration, pace_.iterations(index_));
    report.total_iteration = total_;
    report.total_iterations = total_ - iteration + report.iterations;
    for (int later = index_ + 1; later < count(); ++later)
      report.total_iterations += pace_.iterations(later);
    report.losses = losses_;
    report.seconds_elapsed = watch_.seconds();
    report.seconds_left = pace_.seconds_left(iteration, report.seconds_elapsed);
    report.fraction = pace_.fraction(iteration, report.seconds_elapsed);
    report.phase = "optimize";
    report.device = ort::device_word(device_);
    report.fallback = fallback_;
    return report;
  }

  // The best picture, with its colors as they are to be, at the result's size.
  Result finish(bool stopped) {
    Image canvas = best();
    const bool enlarge = scene_->size() != size_;
    close_objective();
    optimizer_.reset();
    scene_.reset();
    pixels_ = protected_ = {};
    const Scene whole(sources_, settings_, size_);
    if (enlarge) {
      canvas = extend(resize(crop(canvas), size_.width, size_.height), settings_.seamless);
    }
    Image image = whole.shown(canvas);
    clamp_to_unit(image);
    keep_protected(request_, image);
    return result_of(std::move(image), stopped);
  }

  Result unchanged(bool stopped) { return result_of(plain_content(request_, size_).rgb, stopped); }

  Result result_of(Image image, bool stopped) {
    Result result;
    result.image = join_alpha(std::move(image), sources_.content->alpha);
    result.losses = best_losses_;
    result.iterations = total_;
    result.seconds = watch_.seconds();
    result.device = ort::device_word(device_);
    result.fallback = fallback_;
    result.stopped = stopped;
    result.notes = notes_;
    result.yardstick = yardstick_;
    return result;
  }

  // ---- devices ----

  // Where memory does not suffice, tiles become smaller; a device that fails otherwise hands over
  // to the CPU, once. The objective is gone then, and the work is done again.
  template <typename Work>
  std::invoke_result_t<Work> on_device(Work work) {
    for (;;) {
      try {
        return work();
      } catch (const Error& error) {
        if (!recover_from(error)) throw;
      } catch (const std::bad_alloc&) {
        if (!take_smaller_tiles()) throw;
      }
      close_objective();
    }
  }

  bool recover_from(const Error& error) {
    const bool memory = error.code() == "gpu-out-of-memory" || error.code() == "out-of-memory";
    if (memory && take_smaller_tiles()) return true;
    if (!is_device_failure(error) || device_ == DeviceKind::kCpu) return false;
    device_ = DeviceKind::kCpu;
    fallback_ = error.what();
    return true;
  }

  // From this scale on.
  bool take_smaller_tiles() {
    const int smaller = smaller_tile(demand(), scene_->size(), footing().tile);
    if (smaller == 0) return false;
    for (int index = index_; index < count(); ++index) {
      int& tile = footings_[index].tile;
      if (tile == 0 || tile > smaller) tile = smaller;
    }
    return true;
  }

  void close_objective() {
    host_.watch(nullptr);
    objective_.reset();
  }

  // ---- checkpoints ----

  std::vector<std::uint8_t> save(int iteration) const {
    if (total_ == 0) return {};
    const CheckpointHeader header{size_,           index_, iteration, total_, settings_.optimizer,
                                  watch_.seconds()};
    ByteWriter writer;
    write_header(writer, header);
    writer.put(pixels_.data);
    optimizer_->save(writer);
    average_.save(writer);
    put_yardstick(writer, yardstick_);
    return writer.take();
  }

  // Returns the scale to begin at.
  int restore() {
    if (request_.checkpoint.empty()) return 0;
    ByteReader reader(request_.checkpoint);
    const CheckpointHeader header = read_header(reader, size_, count(), settings_.optimizer);
    const Size size = scales_[header.scale_index].size;
    pixels_ = {3, size.height + 2 * kCanvasMargin, size.width + 2 * kCanvasMargin, {}};
    pixels_.data = reader.get_floats(pixels_.size());
    clamp_to_unit(pixels_);
    optimizer_ = make_optimizer(settings_, pixels_.width, pixels_.height);
    optimizer_->load(reader, pixels_.size());
    average_.load(reader, pixels_.size());
    yardstick_ = get_yardstick(reader, settings_);
    reader.expect_end();
    restored_iteration_ = header.iteration;
    total_ = header.total_iteration;
    watch_.resume_at(header.seconds);
    return header.scale_index;
  }

  const Request& request_;
  Settings settings_;
  Host& host_;
  std::shared_ptr<const Network> network_;
  Size size_;
  std::vector<Scale> scales_;
  Pace pace_;
  Stopwatch watch_;
  Sources sources_;
  DeviceKind device_;
  std::string fallback_;
  std::vector<std::string> notes_;
  Parts parts_;
  std::vector<Footing> footings_;  // by scale

  std::optional<Scene> scene_;  // of the scale in work
  Image protected_;             // its canvas, where some of it stays as it was
  std::optional<PixelTerms> pixel_terms_;
  int index_ = 0;
  int total_ = 0;
  int restored_iteration_ = 0;
  std::optional<int> stepping_at_;      // the iteration whose step is in work
  std::optional<LiveSettings> update_;  // came within a step
  double within_ = 0;                   // what is done of it
  bool stopping_ = false;

  std::unique_ptr<Objective> objective_;
  int until_match_ = 0;  // iterations
  std::optional<Yardstick> yardstick_;
  std::unique_ptr<Optimizer> optimizer_;
  Average average_{settings_.averaging};
  Image pixels_;       // the iterate, with the canvas's margin
  LossValues losses_;  // of the latest iterate that counts
  bool has_best_ = false;
  std::vector<float> best_;  // where that is not the iterate
  LossValues best_losses_;
};

}  // namespace

bool is_device_failure(const Error& error) {
  static const std::set<std::string> codes = {"no-gpu", "gpu-lost", "gpu-out-of-memory"};
  return codes.count(error.code()) > 0;
}

Size result_size(Size content, const Settings& settings) {
  const Size size = with_long_side(content, settings.size);
  if (size.short_side() < kSmallestSide) {
    throw Error("bad-picture",
                "The result would be " + std::to_string(size.width) + " × " +
                    std::to_string(size.height) + " px, and no side may be shorter than " +
                    std::to_string(kSmallestSide) + " px.",
                "Choose a larger size or a picture that is less narrow.");
  }
  return size;
}

Problem problem_at(Size size, const Settings& settings, const Network& network, Parts parts) {
  Problem problem;
  problem.height = size.height + 2 * kCanvasMargin;
  problem.width = size.width + 2 * kCanvasMargin;
  problem.style_layers = settings.style_layers;
  for (const auto& term : feature_terms(settings)) problem.content_losses.push_back(term.loss);
  if (!problem.content_losses.empty()) problem.content_layers = settings.content_layers;
  problem.style_losses = losses_of(settings.style_terms);
  problem.pooling = pooling_of(settings, network);
  problem.padding = settings.padding;
  problem.tv = settings.tv;
  problem.masked = parts.masked;
  problem.regions = parts.regions;
  return problem;
}

Result stylize(const Request& request, Host& host) { return Engine(request, host).run(); }

}  // namespace impasto
