#include "learn/learn.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "image/resize.h"
#include "learn/pupil.h"
#include "optimize/average.h"
#include "optimize/stopwatch.h"
#include "optimize/vector.h"
#include "ort/status.h"

namespace impasto {
namespace {

constexpr int kDraftSide = kLessonSide / 2;
constexpr double kPeakStepSize = 1e-3;
constexpr int kWarmUpSteps = 20;
constexpr double kLeastStepShare = 0.02;
constexpr double kLargestGradient = 1;
constexpr double kMeanDecay = 0.9, kSquareDecay = 0.99, kSmallest = 1e-8;
// Over the latest fifty steps or so.
constexpr double kAveraging = 0.98;
constexpr double kSecondsBetweenPictures = 4;
// Of the work, by what it takes: a draft is about as long as so many seconds of learning.
constexpr double kDraftSeconds = 0.25;

// "IMPL" and the version of the layout.
constexpr std::uint32_t kLearnMagic = 0x4c504d49;
constexpr std::uint32_t kLearnVersion = 1;

// Hosts the optimizer while it makes a draft: it may be paused and ended, but shows nothing.
class DraftHost final : public Host {
 public:
  explicit DraftHost(Host& host) : host_(host) {}
  bool proceed(const Save&) override {
    return host_.proceed([] { return std::vector<std::uint8_t>(); });
  }
  std::optional<LiveSettings> take_update() override { return std::nullopt; }
  void watch(Cancellable* work) override { host_.watch(work); }
  void publish(Image) override {}
  void report(const Report&) override {}

 private:
  Host& host_;
};

class Learning {
 public:
  Learning(const LearnRequest& request, Host& host)
      : request_(request),
        host_(host),
        tools_(open_detail_tools(request.network_path, request.detailer_path,
                                 {request.settings.device, request.settings.threads})),
        detailer_(*tools_.detailer),
        plan_(plan_filters(detailer_)),
        filters_(read_filters(detailer_, plan_)),
        mean_(filters_.size()),
        square_(filters_.size()),
        pieces_(static_cast<std::size_t>(request.pieces)) {
    tools_.watch = [this](Cancellable* work) { host_.watch(work); };
  }
  ~Learning() { host_.watch(nullptr); }
  Learning(const Learning&) = delete;
  Learning& operator=(const Learning&) = delete;

  Learned run() {
    prepare();
    if (lessons_.empty()) return finish();
    const std::shared_ptr<const Network> critics[] = {tools_.encoder,
                                                      load_network(request_.critic_path)};
    Pupil pupil(tools_, style_, request_.settings.padding, critics);
    for (Lesson& lesson : lessons_) pupil.prepare(lesson);
    gap_before_ = mean_gap(pupil, filters_);
    if (!request_.checkpoint.empty()) restore();
    descend(pupil);
    gap_after_ = mean_gap(pupil, learned());
    picture_ = pupil.paint(learned(), lessons_.front());
    return finish();
  }

 private:
  // ---- lessons ----

  // Until all drafts are there, or the host ends it.
  void prepare() {
    std::vector<Size> sizes;
    for (const Image& frame : request_.frames) sizes.push_back({frame.width, frame.height});
    draft_style_ = style_beside(kDraftSide);
    style_ = style_beside(kLessonSide);
    statistics_ = measure_gaussians(tools_, {style_, std::nullopt});
    const auto pieces = choose_pieces(sizes, pieces_, request_.settings.seed);
    for (const Piece& piece : pieces) {
      Image content = cut_piece(split_alpha(request_.frames[piece.frame]).rgb, piece);
      const std::optional<Image> draft = make_draft(content, piece);
      if (!draft) return lessons_.clear();
      lessons_.push_back(make_lesson(tools_, statistics_, std::move(content), *draft));
      report_lessons();
    }
  }

  // Nothing when the host ended it.
  std::optional<Image> make_draft(const Image& content, const Piece& piece) {
    Request draft;
    draft.content = resize(content, kDraftSide, kDraftSide);
    clamp_to_unit(draft.content);
    draft.styles.push_back({draft_style_, 1, {}, {}, {}});
    draft.network_path = request_.network_path;
    draft.settings = request_.settings;
    draft.settings.method = Method::kOptimize;
    draft.settings.init = Init::kStyleColors;
    draft.settings.colors = Colors::kStyle;
    draft.settings.photoreal = Photoreal::kOff;
    draft.settings.seamless = Seamless::kOff;
    draft.settings.size = draft.settings.min_scale = kDraftSide;
    draft.settings.budget.reset();
    draft.settings.live.style_to_content =
        piece.strength * draft.settings.live.draft_style_to_content;
    DraftHost host(host_);
    Result result = stylize(draft, host);
    if (result.stopped) return std::nullopt;
    return opaque(std::move(result.image));
  }

  // The style picture as it stands beside a square result.
  Image style_beside(int side) const {
    const Picture style = split_alpha(request_.style);
    const Size size = style_size({style.rgb.width, style.rgb.height}, {side, side},
                                 request_.settings.style_scale);
    return resize(style, size.width, size.height).rgb;
  }

  // ---- learning ----

  void descend(Pupil& pupil) {
    std::vector<float> gradient(filters_.size()), sum(filters_.size());
    double shown = -kSecondsBetweenPictures;
    while (seconds_ < request_.seconds) {
      const bool more = watch_.without([&] { return host_.proceed([&] { return save(); }); });
      if (!more) {
        stopped_ = true;
        return;
      }
      const double begin = watch_.seconds();
      std::fill(sum.begin(), sum.end(), 0.0f);
      double gap = 0;
      // One piece for each critic.
      for (std::size_t critic = 0; critic < pupil.critics(); ++critic) {
        Lesson& lesson = next_lesson();
        renew_noise(detailer_, pupil.layers(),
                    request_.settings.seed + 1u + static_cast<std::uint32_t>(studied_), lesson);
        ++studied_;
        gap = pupil.study(filters_, lesson, critic, gradient).style_gap;
        add_scaled(sum, 1.0 / static_cast<double>(pupil.critics()), gradient);
      }
      step(sum);
      seconds_ += watch_.seconds() - begin;
      losses_.style = losses_.total = steps_ == 1 ? gap : 0.95 * losses_.style + 0.05 * gap;
      if (seconds_ - shown >= kSecondsBetweenPictures) {
        shown = seconds_;
        host_.publish(pupil.paint(learned(), lessons_.front()));
      }
      report_steps();
    }
  }

  // In a new order each time all have been studied; a function of seed and count.
  Lesson& next_lesson() {
    const std::size_t n = lessons_.size();
    const std::size_t round = studied_ / n;
    const std::size_t stride = 1 + 2 * ((round * 7 + request_.settings.seed) % n);
    return lessons_[(studied_ % n * (std::gcd(stride, n) == 1 ? stride : 1) + round) % n];
  }

  // Adam (Kingma & Ba 2015), the gradient's length limited, the step size falling by half a cosine
  // over the time.
  void step(std::span<float> gradient) {
    const double length = std::sqrt(dot(gradient, gradient));
    ++steps_;
    if (!std::isfinite(length)) return;
    const double limit = length > kLargestGradient ? kLargestGradient / length : 1;
    const double progress = std::min(1.0, seconds_ / request_.seconds);
    const double cosine =
        kLeastStepShare + (1 - kLeastStepShare) * 0.5 * (1 + std::cos(progress * 3.14159265358979));
    const double size =
        kPeakStepSize * cosine * std::min(1.0, static_cast<double>(steps_) / kWarmUpSteps);
    const double scale = size / (1 - std::pow(kMeanDecay, steps_));
    const double correction = 1 / (1 - std::pow(kSquareDecay, steps_));
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      const double g = limit * gradient[i];
      mean_[i] = static_cast<float>(kMeanDecay * mean_[i] + (1 - kMeanDecay) * g);
      square_[i] = static_cast<float>(kSquareDecay * square_[i] + (1 - kSquareDecay) * g * g);
      filters_[i] -=
          static_cast<float>(scale * mean_[i] / (std::sqrt(square_[i] * correction) + kSmallest));
    }
    average_.add(filters_);
  }

  std::vector<float> learned() const { return average_.empty() ? filters_ : average_.value(); }

  // Of every fourth piece: enough to tell what learning brought.
  double mean_gap(Pupil& pupil, const std::vector<float>& filters) {
    std::vector<float> unused(filters.size());
    double sum = 0;
    int count = 0;
    for (std::size_t i = 0; i < lessons_.size(); i += 4, ++count) {
      renew_noise(detailer_, pupil.layers(), request_.settings.seed, lessons_[i]);
      sum += pupil.study(filters, lessons_[i], pupil.critics() - 1, unused).style_gap;
    }
    return sum / count;
  }

  // ---- what is kept and told ----

  std::vector<std::uint8_t> save() const {
    ByteWriter writer;
    writer.put(kLearnMagic);
    writer.put(kLearnVersion);
    writer.put(seconds_);
    writer.put(steps_);
    writer.put<std::uint64_t>(studied_);
    for (const auto* values : {&filters_, &mean_, &square_}) writer.put(*values);
    average_.save(writer);
    return writer.take();
  }

  void restore() {
    ByteReader reader(request_.checkpoint);
    if (reader.get<std::uint32_t>() != kLearnMagic || reader.get<std::uint32_t>() != kLearnVersion)
      ByteReader::fail();
    seconds_ = reader.get<double>();
    steps_ = reader.get<std::int64_t>();
    studied_ = static_cast<std::size_t>(reader.get<std::uint64_t>());
    if (!(seconds_ >= 0 && steps_ >= 0)) ByteReader::fail();
    const std::size_t count = filters_.size();
    for (auto* values : {&filters_, &mean_, &square_}) *values = reader.get_floats(count);
    average_.load(reader, count);
    reader.expect_end();
  }

  double draft_seconds() const { return kDraftSeconds * static_cast<double>(pieces_); }

  void report_lessons() {
    Report report;
    report.iteration = report.total_iteration = static_cast<int>(lessons_.size());
    report.iterations = report.total_iterations = static_cast<int>(pieces_);
    report.phase = "prepare";
    tell(std::move(report), kDraftSeconds * static_cast<double>(lessons_.size()));
  }

  void report_steps() {
    Report report;
    report.iteration = report.total_iteration = static_cast<int>(steps_);
    report.iterations = report.total_iterations = static_cast<int>(steps_);
    report.losses = losses_;
    report.phase = "learn";
    tell(std::move(report), draft_seconds() + seconds_);
  }

  void tell(Report report, double done) {
    const double all = draft_seconds() + request_.seconds;
    report.size = {kLessonSide, kLessonSide};
    report.scale_count = 1;
    report.fraction = std::min(1.0, done / all);
    report.seconds_elapsed = watch_.seconds();
    report.seconds_left = std::max(0.0, all - done);
    report.device = ort::device_word(request_.settings.device);
    host_.report(report);
  }

  Learned finish() {
    Learned learned_now;
    const std::vector<float> values = learned();
    write_filters(values, plan_, detailer_);
    for (const DetailLevel& level : detailer_.levels) {
      for (const DetailConvolution& c : level.convolutions) append(learned_now.filters, c);
    }
    append(learned_now.filters, detailer_.out);
    learned_now.gap_before = gap_before_;
    learned_now.gap_after = gap_after_;
    Result& result = learned_now.result;
    if (picture_.data.empty()) picture_ = split_alpha(request_.frames.front()).rgb;
    result.image = std::move(picture_);
    result.losses = losses_;
    result.iterations = static_cast<int>(steps_);
    result.seconds = watch_.seconds();
    result.device = ort::device_word(request_.settings.device);
    result.stopped = stopped_ || lessons_.empty();
    return learned_now;
  }

  static void append(std::vector<float>& all, const DetailConvolution& convolution) {
    all.insert(all.end(), convolution.weight.begin(), convolution.weight.end());
    all.insert(all.end(), convolution.bias.begin(), convolution.bias.end());
  }

  const LearnRequest& request_;
  Host& host_;
  DetailTools tools_;
  Detailer detailer_;  // takes what was learned
  FilterPlan plan_;
  std::vector<float> filters_, mean_, square_;
  std::size_t pieces_;
  Average average_{kAveraging};
  std::vector<Lesson> lessons_;
  Image style_, draft_style_;
  Gaussians statistics_;
  Image picture_;
  LossValues losses_;
  Stopwatch watch_;
  double seconds_ = 0;
  double gap_before_ = 0, gap_after_ = 0;
  std::int64_t steps_ = 0;
  std::size_t studied_ = 0;
  bool stopped_ = false;
};

}  // namespace

Learned learn(const LearnRequest& request, Host& host) { return Learning(request, host).run(); }

}  // namespace impasto
