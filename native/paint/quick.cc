#include "paint/quick.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "detail/detail.h"
#include "detail/detail_graph.h"
#include "detail/maps.h"
#include "image/canvas.h"
#include "image/resize.h"
#include "optimize/scene.h"
#include "ort/status.h"
#include "paint/motion.h"
#include "paint/part_host.h"
#include "paint/quick_progress.h"
#include "paint/quick_sizes.h"
#include "paint/shot.h"
#include "paint/style_statistics.h"

namespace impasto {
namespace {

// Of a frame that goes on with a shot: what is new in it is drafted in so many updates, and the
// rest of its draft is the one before, moved along.
constexpr int kFollowingIterations = 3;
// How much of its result is the one before, moved along, where that is seen. Empirical: halves what
// flickers once more, and strokes stay as sharp as the eye can tell.
constexpr double kKeptShare = 0.55;

// Frames are held by the frame before; what went over each of them would make them flicker.
Settings settings_of(const Request& request) {
  Settings settings = request.settings;
  if (request.shot) settings.middle_iterations = 0;
  return settings;
}

bool same_size(const Image& a, const Image& b) {
  return a.width == b.width && a.height == b.height;
}

class Quick {
 public:
  Quick(const Request& request, Host& host)
      : request_(request),
        settings_(settings_of(request)),
        host_(host),
        result_size_(result_size({request.content.width, request.content.height}, settings_)),
        sizes_(quick_sizes(result_size_, settings_)),
        sources_(open_sources(request, result_size_)),
        tools_(open_detail_tools(request.draft_network_path, request.detailer_path,
                                 {settings_.device, settings_.threads})),
        progress_(sizes_, settings_, std::max(1, static_cast<int>(sources_.regions.size())),
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
    progress_.begin_draft(settings_.first_iterations);
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
        [this](Report& report) { progress_.complete_draft(report); });
    Result drafted = stylize(part, host);
    notes_ = std::move(drafted.notes);
    if (host.live()) settings_.live = *host.live();
    stopped_ = drafted.stopped;
    progress_.end_draft(drafted);
    yardstick_ = std::move(drafted.yardstick);
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
        Gaussians style = style_statistics(tools_, sources_, Scene(sources_, settings_, size), 0);
        picture = detail_part(i, picture, content, std::move(style));
      }
      if (i == kMiddle && middle_updates(sizes_, settings_) > 0) {
        const std::optional<LiveSettings> changed = go_over(picture);
        if (changed) settings_.live = *changed;
        if (changed || stopped_) return stopped_;
      }
      host_.publish(shown(picture, size));
      report_detail(i, 0);
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
    step.progress = [&](double share) { report_detail(i, share); };
    Image picture = add_detail(tools_, draft, content, step);
    progress_.end_pass(i);
    return picture;
  }

  // The step for each region by itself, in what the region has of the content; put together as the
  // regions share pixels. What no region has stays the content's.
  Image detail_parts(std::size_t i, const Image& draft, const Image& content) {
    const Size size = sizes_[i];
    const Scene scene(sources_, settings_, size);
    if (sources_.regions.empty()) {
      return detail_part(i, draft, {content, scene.visible()},
                         style_statistics(tools_, sources_, scene, 0));
    }
    const std::vector<Image> shares = share_pixels(sources_.regions, size, nullptr);
    Image picture = content;
    for (std::size_t region = 0; region < shares.size(); ++region) {
      const Picture part{content, scene.region_masks()[region]};
      const Image painted =
          detail_part(i, draft, part, style_statistics(tools_, sources_, scene, region));
      for (std::size_t at = 0; at < picture.data.size(); ++at) {
        const float share = shares[region].data[at % picture.plane()];
        picture.data[at] += share * (painted.data[at] - content.data[at]);
      }
    }
    clamp_to_unit(picture);
    return picture;
  }

  // The optimizer goes over what has been doubled once: strokes as long as the draft is blind to.
  // Returns what changed meanwhile.
  std::optional<LiveSettings> go_over(Image& picture) {
    const Size size = sizes_[kMiddle];
    Request part =
        part_request(size, middle_updates(sizes_, settings_), std::exchange(picture, {}));
    part.network_path = request_.draft_network_path;
    part.yardstick = yardstick_;
    PartHost host(
        host_, PartHost::Part::kPolish,
        [this, size](Image image) { return shown(std::move(image), size); },
        [this](Report& report) { progress_.complete_middle(report); });
    Result made = stylize(part, host);
    add_notes(std::move(made.notes));
    stopped_ = made.stopped;
    progress_.end_middle(made);
    picture = opaque(std::move(made.image));
    return host.live();
  }

  Result polish(Image picture) {
    Request part = part_request(result_size_, settings_.iterations, std::move(picture));
    part.network_path = request_.network_path;
    part.checkpoint = request_.checkpoint;
    PartHost host(
        host_, PartHost::Part::kPolish,
        [this](Image image) { return shown(std::move(image), result_size_); },
        [this](Report& report) { progress_.complete_polish(report); });
    Result polished = stylize(part, host);
    add_notes(std::move(polished.notes));
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

  // The same that begins with a picture; with the content where there is none.
  Request part_request(Size size, int iterations, Image picture) const {
    Request part = part_request(size);
    part.settings.first_iterations = iterations;
    part.settings.init = Init::kImage;
    part.initial = picture.data.empty() ? part.content : std::move(picture);
    return part;
  }

  void add_notes(std::vector<std::string> notes) {
    for (std::string& note : notes) {
      if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
        notes_.push_back(std::move(note));
      }
    }
  }

  // ---- a frame of a sequence ----

  // Statistics of another network are of other layers, or of more or fewer channels.
  bool is_of_this_encoder(const Shot& shot) const {
    const std::vector<DetailLayer> layers =
        detail_layers(*tools_.encoder, *tools_.detailer, kMultiple, kMultiple);
    const auto fits = [&](const Gaussians& step) {
      return step.size() == layers.size() &&
             std::all_of(layers.begin(), layers.end(), [&](const DetailLayer& layer) {
               const auto found = step.find(layer.name);
               return found != step.end() &&
                      found->second.channels() == static_cast<std::size_t>(layer.shape.channels);
             });
    };
    return std::all_of(shot.content_statistics.begin(), shot.content_statistics.end(), fits);
  }

  // Takes over what the frame before left, unless there is a cut between them.
  void follow_shot() {
    if (!request_.shot) return;
    after_.content = Scene(sources_, settings_, sizes_.front()).content().rgb;
    if (request_.shot->empty()) return;
    Shot before = load_shot(*request_.shot);
    const bool fits = same_size(before.content, after_.content) &&
                      Size{before.result.width, before.result.height} == result_size_ &&
                      before.content_statistics.size() + 1 == sizes_.size() &&
                      is_of_this_encoder(before);
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

  // A share of a step's pass is done.
  void report_detail(std::size_t step, double share) {
    Report report = progress_.of_detail(step, share);
    report.device = ort::device_word(settings_.device);
    host_.report(report);
  }

  Result result_of(Image image, bool stopped) const {
    keep_protected(request_, image);
    Result result;
    result.notes = notes_;
    result.image = join_alpha(std::move(image), sources_.content->alpha);
    result.losses = progress_.losses();
    result.iterations = progress_.iterations();
    result.seconds = progress_.seconds();
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
  QuickProgress progress_;
  std::optional<Yardstick> yardstick_;  // the draft's
  std::vector<std::string> notes_;
  bool stopped_ = false;
  std::optional<Shot> before_;  // none: the picture stands alone, or begins a shot
  Motion motion_;               // from before_
  Shot after_;
};

}  // namespace

Result paint_quick(const Request& request, Host& host) { return Quick(request, host).run(); }

}  // namespace impasto
