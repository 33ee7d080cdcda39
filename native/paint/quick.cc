#include "paint/quick.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "detail/detail.h"
#include "image/canvas.h"
#include "image/resize.h"
#include "optimize/scene.h"
#include "optimize/stopwatch.h"
#include "optimize/style_cache.h"
#include "ort/status.h"
#include "paint/motion.h"
#include "paint/shot.h"

namespace impasto {
namespace {

// Work in units of one evaluation of one pixel by the network of the draft, at a size of some
// hundred pixels. A pass of the detailer takes about as long as one evaluation. Measured, as is how
// the time of an evaluation grows with its multiplications: matrix products are quicker the larger
// they are.
constexpr double kDraftWork = 1.2;
constexpr double kDetailWork = 1;
constexpr double kTimeExponent = 0.6;
// The first update of a draft comes when everything is open, after the time of so many.
constexpr double kFirstUpdate = 10;
// Of a frame that goes on with a shot: what is new in it is drafted in so many updates, and the
// rest of its draft is the one before, moved along.
constexpr int kFollowingIterations = 3;
// How much of its result is the one before, moved along, where that is seen. Empirical: halves what
// flickers once more, and strokes stay as sharp as the eye can tell.
constexpr double kKeptShare = 0.55;

// Of networks that polish: how many times more their pixels cost than the draft's, by their
// multiplications.
double multiplications(const std::string& path) {
  const auto network = load_network(path);
  constexpr int kSide = 256;
  const std::vector<FeatureShape> shapes = feature_shapes(*network, kSide, kSide);
  double sum = 0;
  int incoming = 3;
  for (const FeatureShape& shape : shapes) {
    sum += static_cast<double>(incoming) * static_cast<double>(shape.size());
    incoming = shape.channels;
  }
  return sum;
}

double polish_work_per_pixel(const std::string& network_path, const std::string& draft_path) {
  if (network_path == draft_path) return 1;
  return std::pow(multiplications(network_path) / multiplications(draft_path), kTimeExponent);
}

bool same_size(const Image& a, const Image& b) {
  return a.width == b.width && a.height == b.height;
}

double pixels(Size size) { return static_cast<double>(size.width) * size.height; }

// A draft has a strength of its own.
LiveSettings for_draft(LiveSettings live) {
  live.style_to_content = live.draft_style_to_content;
  return live;
}

// What the optimizer asks and tells while it works on a part of the run.
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

class Quick {
 public:
  Quick(const Request& request, Host& host)
      : request_(request),
        settings_(request.settings),
        host_(host),
        result_size_(result_size({request.content.width, request.content.height}, settings_)),
        sizes_(quick_sizes(result_size_, settings_)),
        sources_(open_sources(request, result_size_)),
        tools_(open_detail_tools(request.draft_network_path, request.detailer_path,
                                 {settings_.device, settings_.threads})),
        polish_per_pixel_(
            settings_.iterations == 0
                ? 0
                : polish_work_per_pixel(request.network_path, request.draft_network_path)) {
    tools_.watch = [this](Cancellable* work) { host_.watch(work); };
    follow_shot();
  }
  ~Quick() { host_.watch(nullptr); }
  Quick(const Quick&) = delete;
  Quick& operator=(const Quick&) = delete;

  Result run() {
    if (settings_.live.style_to_content == 0 && !settings_.live.style_weight) {
      return result_of(sources_.content->rgb, false);
    }
    Image picture;
    if (request_.checkpoint.empty()) {
      do {
        picture = draft();
      } while (!stopped_ && !detail(picture));
      if (stopped_) return result_of(whole(picture), true);
    }
    if (settings_.iterations == 0)
      return result_of(shown(std::move(picture), sizes_.back()), false);
    return polish(std::move(picture));
  }

 private:
  // ---- the three parts ----

  Image draft() {
    work_done_ = 0;
    const Size size = sizes_.front();
    Request part = part_request(size);
    part.network_path = request_.draft_network_path;
    part.settings.init = Init::kStyleColors;
    part.settings.first_iterations = settings_.first_iterations;
    part.settings.live = for_draft(settings_.live);
    if (before_) {
      const Image colored = crop(Scene(sources_, part.settings, size).first_picture());
      part.initial = carry_along(before_->draft, motion_, colored, 1);
      part.settings.init = Init::kImage;
    }
    PartHost host(
        host_, PartHost::Part::kDraft,
        [this, size](Image image) { return shown(std::move(image), size); },
        [this](Report& report) {
          complete(report, "draft", 0, draft_work() * share_of(report));
          report.seconds_left = seconds_left(report);
        });
    iterations_ = 0;
    first_.reset();
    Result drafted = stylize(part, host);
    notes_ = std::move(drafted.notes);
    if (host.live()) settings_.live = *host.live();
    stopped_ = drafted.stopped;
    iterations_ = drafted.iterations;
    losses_ = drafted.losses;
    work_done_ = draft_work();
    drafted.image = opaque(std::move(drafted.image));
    if (before_) drafted.image = carry_along(before_->draft, motion_, drafted.image, 1);
    if (request_.shot) after_.draft = drafted.image;
    return std::move(drafted.image);
  }

  // False when the strength changed meanwhile: the draft has to be another then.
  bool detail(Image& picture) {
    for (std::size_t i = 1; i < sizes_.size(); ++i) {
      if (!host_.proceed([] { return std::vector<std::uint8_t>(); })) {
        stopped_ = true;
        return true;
      }
      if (const auto live = host_.take_update()) {
        settings_.live = *live;
        return false;
      }
      const Size size = sizes_[i];
      // Not the scene's: of large pictures every copy counts.
      std::optional<Picture> smaller;
      if (size != result_size_) smaller = resize(*sources_.content, size.width, size.height);
      const Picture& content = smaller ? *smaller : *sources_.content;
      if (sources_.masked()) {
        picture = detail_parts(i, picture, content.rgb);
      } else {
        Gaussians style = statistics(Scene(sources_, settings_, size), 0);
        picture = detail_part(i, picture, content, std::move(style));
      }
      host_.publish(shown(picture, size));
      report_detail(i, work_done_);
    }
    if (before_) picture = carry_along(before_->result, motion_, picture, kKeptShare);
    if (request_.shot) after_.result = picture;
    return true;
  }

  // One step, in the statistics of a style, over what counts of the content.
  Image detail_part(std::size_t i, const Image& draft, const Picture& content, Gaussians style) {
    DetailStep step;
    step.style = std::move(style);
    step.carry = settings_.carry;
    step.seed = settings_.seed;
    step.share = settings_.live.detail_share;
    if (request_.shot) {
      after_.content_statistics.resize(sizes_.size() - 1);
      Gaussians& statistics = after_.content_statistics[i - 1];
      statistics = before_ ? before_->content_statistics[i - 1] : Gaussians();
      step.shot = &statistics;
    }
    const double before = work_done_;
    const double work = kDetailWork * pixels(sizes_[i]);
    step.progress = [&](double share) { report_detail(i, before + share * work); };
    Image picture = add_detail(tools_, draft, content, step);
    work_done_ = before + work;
    return picture;
  }

  // The step for each region by itself, in what the region has of the content; put together as the
  // regions share pixels. What no region has stays the content's.
  Image detail_parts(std::size_t i, const Image& draft, const Image& content) {
    const Size size = sizes_[i];
    const Scene scene(sources_, settings_, size);
    if (sources_.regions.empty()) {
      return detail_part(i, draft, {content, scene.visible()}, statistics(scene, 0));
    }
    const std::vector<Image> shares = share_pixels(sources_.regions, size, nullptr);
    Image picture = content;
    for (std::size_t region = 0; region < shares.size(); ++region) {
      const Picture part{content, scene.region_masks()[region]};
      const Image painted = detail_part(i, draft, part, statistics(scene, region));
      for (std::size_t at = 0; at < picture.data.size(); ++at) {
        const float share = shares[region].data[at % picture.plane()];
        picture.data[at] += share * (painted.data[at] - content.data[at]);
      }
    }
    clamp_to_unit(picture);
    return picture;
  }

  Result polish(Image picture) {
    Request part = part_request(result_size_);
    part.network_path = request_.network_path;
    part.checkpoint = request_.checkpoint;
    part.settings.first_iterations = settings_.iterations;
    part.settings.init = Init::kImage;
    part.initial = picture.data.empty() ? part.content : std::move(picture);
    PartHost host(
        host_, PartHost::Part::kPolish,
        [this](Image image) { return shown(std::move(image), result_size_); },
        // The optimizer's own word for the time left: it is the last part.
        [this](Report& report) {
          complete(report, "polish", sizes_.size() - 1,
                   all_work() - polish_work() * (1 - share_of(report)));
        });
    Result polished = stylize(part, host);
    for (std::string& note : polished.notes) {
      if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
        notes_.push_back(std::move(note));
      }
    }
    Result result =
        result_of(shown(opaque(std::move(polished.image)), result_size_), polished.stopped);
    result.losses = polished.losses;
    result.iterations += polished.iterations;
    result.device = polished.device;
    result.fallback = polished.fallback;
    return result;
  }

  // Pictures of one size as the network sees them, and one scale.
  Request part_request(Size size) const {
    const Scene scene(sources_, settings_, size);
    Request part;
    part.content = join_alpha(scene.content().rgb, scene.content().alpha);
    part.protect = sources_.protect;
    for (std::size_t i = 0; i < sources_.styles.size(); ++i) {
      const auto& [picture, weight, source, layers] = sources_.styles[i];
      Picture style = scene.style(i);
      // The source goes along by itself.
      if (source) style.alpha = resize(picture, style.rgb.width, style.rgb.height).alpha;
      part.styles.push_back(
          {join_alpha(style.rgb, style.alpha), weight, request_.styles[i].region, source, layers});
    }
    part.settings = settings_;
    part.settings.method = Method::kOptimize;
    part.settings.colors = Colors::kStyle;  // the scene has seen to it
    part.settings.photoreal = Photoreal::kOff;
    part.settings.size = part.settings.min_scale = size.long_side();
    part.settings.budget.reset();
    return part;
  }

  // Of the styles of a region as one.
  Gaussians statistics(const Scene& scene, std::size_t region) const {
    Gaussians blended;
    for (const std::size_t i : scene.styles_of(region)) {
      const double weight = sources_.styles[i].weight;
      if (weight == 0) continue;
      const Picture style = scene.style(i);
      const std::string key =
          content_key(style) + tools_.encoder->identity + ":" + ort::device_word(settings_.device);
      const Gaussians measured =
          cached_gaussians(key, [&] { return measure_gaussians(tools_, style); });
      for (auto [layer, statistics] : measured) {
        const std::vector<std::size_t> counting = scene.styles_at(layer, region);
        // A layer that the draft did not look at may have none of its own.
        const bool counts = std::find(counting.begin(), counting.end(), i) != counting.end();
        if (!counting.empty() && !counts) continue;
        statistics.area = weight;
        merge(blended[layer], statistics);
      }
    }
    return blended;
  }

  // ---- a frame of a sequence ----

  // Takes over what the frame before left, unless there is a cut between them.
  void follow_shot() {
    if (!request_.shot) return;
    after_.content = Scene(sources_, settings_, sizes_.front()).content().rgb;
    if (request_.shot->empty()) return;
    Shot before = load_shot(*request_.shot);
    const bool fits = same_size(before.content, after_.content) &&
                      Size{before.result.width, before.result.height} == result_size_ &&
                      before.content_statistics.size() + 1 == sizes_.size();
    if (!fits) return;
    motion_ = find_motion(after_.content, before.content);
    if (is_cut(motion_)) return;
    before_ = std::move(before);
    settings_.first_iterations = std::min(settings_.first_iterations, kFollowingIterations);
  }

  // ---- what is shown and told ----

  Image shown(Image image, Size size) const {
    const bool as_painted = settings_.colors == Colors::kStyle &&
                            settings_.photoreal == Photoreal::kOff && !sources_.protect;
    if (as_painted) return image;
    return Scene(sources_, settings_, size).shown(extend(image));
  }

  // At the result's size, whatever it has come to.
  Image whole(const Image& picture) const {
    Image image = resize(picture, result_size_.width, result_size_.height);
    clamp_to_unit(image);
    return shown(std::move(image), result_size_);
  }

  double draft_work() const {
    return kDraftWork * settings_.first_iterations * pixels(sizes_.front());
  }
  double detail_work(Size size) const {
    const std::size_t passes = std::max<std::size_t>(1, sources_.regions.size());
    return kDetailWork * static_cast<double>(passes) * pixels(size);
  }
  double polish_work() const {
    return polish_per_pixel_ * settings_.iterations * pixels(result_size_);
  }
  double all_work() const {
    double work = draft_work() + polish_work();
    for (std::size_t i = 1; i < sizes_.size(); ++i) work += detail_work(sizes_[i]);
    return work;
  }

  static double share_of(const Report& report) {
    return static_cast<double>(report.total_iteration) / std::max(1, report.total_iterations);
  }

  void complete(Report& report, const char* phase, std::size_t step, double work) const {
    report.phase = phase;
    report.scale_index = static_cast<int>(step);
    report.scale_count = static_cast<int>(sizes_.size());
    report.total_iteration += iterations_;
    report.total_iterations = settings_.first_iterations + settings_.iterations;
    report.fraction = std::min(1.0, work / all_work());
    report.seconds_elapsed = watch_.seconds();
  }

  // At the pace since the draft's first update: what comes before it is not done again.
  double seconds_left(const Report& report) {
    const Done now{report.fraction, report.seconds_elapsed};
    if (!first_) first_ = now;
    const Done done = now.fraction > first_->fraction
                          ? Done{now.fraction - first_->fraction, now.seconds - first_->seconds}
                          : Done{now.fraction, now.seconds / kFirstUpdate};
    return done.seconds * (1 - now.fraction) / std::max(done.fraction, 1e-6);
  }

  // The losses are those of the draft: nothing else was evaluated.
  void report_detail(std::size_t step, double work) {
    Report report;
    report.size = sizes_[step];
    report.losses = losses_;
    report.device = ort::device_word(settings_.device);
    complete(report, "detail", step, work);
    report.seconds_left = seconds_left(report);
    host_.report(report);
  }

  Result result_of(Image image, bool stopped) const {
    keep_protected(request_, image);
    Result result;
    result.notes = notes_;
    result.image = join_alpha(std::move(image), sources_.content->alpha);
    result.losses = losses_;
    result.iterations = iterations_;
    result.seconds = watch_.seconds();
    result.device = ort::device_word(settings_.device);
    result.stopped = stopped;
    if (request_.shot && !stopped && !after_.result.data.empty()) {
      result.shot = save_shot(after_);
      result.shot_begins = !before_;
    }
    return result;
  }

  const Request& request_;
  Settings settings_;
  Host& host_;
  Size result_size_;
  std::vector<Size> sizes_;
  Sources sources_;
  DetailTools tools_;
  double polish_per_pixel_;
  Stopwatch watch_;
  struct Done {
    double fraction = 0;  // of the whole work
    double seconds = 0;
  };
  std::optional<Done> first_;  // told of the draft
  double work_done_ = 0;
  int iterations_ = 0;  // of the draft
  LossValues losses_;
  std::vector<std::string> notes_;
  bool stopped_ = false;
  std::optional<Shot> before_;  // none: the picture stands alone, or begins a shot
  Motion motion_;               // from before_
  Shot after_;
};

}  // namespace

std::vector<Size> quick_sizes(Size result, const Settings& settings) {
  // No side of a draft is shorter than the network can see.
  const double least =
      static_cast<double>(kSmallestSide) * result.long_side() / result.short_side();
  const double draft =
      std::min<double>(std::max<double>(settings.min_scale, std::ceil(least)), result.long_side());
  const double ratio = result.long_side() / draft;
  const int steps = static_cast<int>(std::ceil(std::log2(ratio) - 0.05));
  std::vector<Size> sizes;
  for (int i = 0; i <= steps; ++i) {
    const double side = draft * std::pow(ratio, steps == 0 ? 1.0 : static_cast<double>(i) / steps);
    sizes.push_back(i == steps ? result
                               : with_long_side(result, static_cast<int>(std::lround(side))));
  }
  return sizes;
}

namespace {

// What stands while details are added, at a result's size.
double detail_bytes(Size result, bool in_windows, int planes) {
  const double window = in_windows ? std::min(pixels(result), kDetailWindowPixels) : 0;
  const double pictures = planes * sizeof(float) * pixels(result);
  return kDetailBytesPerPixel * window + detail_kept_bytes(pixels(result)) + pictures;
}

// The longest side, up to the result's, at which they fit.
int largest_detailed(Size result, double most, int planes) {
  int low = 0, high = result.long_side() + 1;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (detail_bytes(with_long_side(result, middle), true, planes) <= most ? low : high) = middle;
  }
  return low;
}

}  // namespace

RunPlan plan_quick(Size content, const Settings& settings, const std::string& network_path,
                   const std::string& draft_network_path, Parts parts) {
  const Size result = result_size(content, settings);
  const std::vector<Size> sizes = quick_sizes(result, settings);
  const auto part = [&](Size size, int iterations, const std::string& path) {
    Settings of_part = settings;
    of_part.method = Method::kOptimize;
    of_part.size = of_part.min_scale = size.long_side();
    of_part.first_iterations = iterations;
    return make_plan(size, of_part, path, parts);
  };
  RunPlan plan = part(sizes.front(), settings.first_iterations, draft_network_path);
  plan.size = result;
  const double per_pixel = plan.seconds_per_iteration.front() / pixels(sizes.front());
  const int passes = std::max(1, parts.regions);
  // Content as it was decoded, in the request and at its size, mixture, and result; with masks
  // those, and what the regions before have painted.
  const int planes = 5 * 3 + (parts.masked || parts.regions > 0 ? 3 + 3 + 2 * passes : 0);
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    const double seconds = passes * kDetailWork * per_pixel * pixels(sizes[i]);
    plan.scales.push_back({sizes[i], 1});
    plan.footings.push_back({});
    plan.seconds_per_iteration.push_back(seconds);
    plan.seconds += seconds;
  }
  const double peak = detail_bytes(result, sizes.size() > 1, planes);
  plan.peak_bytes = std::max(plan.peak_bytes, static_cast<std::size_t>(peak));
  const double most = room_for(settings).most;
  plan.fits = plan.fits && peak <= most;
  plan.largest_size = largest_detailed(result, most, planes);
  if (settings.iterations == 0) return plan;
  const RunPlan polish = part(result, settings.iterations, network_path);
  plan.scales.push_back(polish.scales.back());
  plan.footings.push_back(polish.footings.back());
  plan.seconds_per_iteration.push_back(polish.seconds_per_iteration.back());
  plan.seconds += polish.seconds;
  plan.peak_bytes = std::max(plan.peak_bytes, polish.peak_bytes);
  plan.fits = plan.fits && polish.fits;
  plan.largest_size = std::min(plan.largest_size, polish.largest_size);
  return plan;
}

Result paint_quick(const Request& request, Host& host) { return Quick(request, host).run(); }

}  // namespace impasto
