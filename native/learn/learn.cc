#include "learn/learn.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>
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

// A lesson's picture is a draft that is enlarged so many times, as quick pictures are painted.
constexpr std::size_t kDoublings = 2;
// Filters of a trained network bear no more: at 1e-3 the first steps undo more than fifty repair.
// Scales and shifts are few, and move further.
constexpr double kFilterStepSize = 2e-4;
constexpr double kScaleStepSize = 1e-3;
constexpr int kWarmUpSteps = 10;
constexpr double kLeastStepShare = 0.02;
constexpr double kLargestGradient = 1;
constexpr double kMeanDecay = 0.9, kSquareDecay = 0.99, kSmallest = 1e-8;
// Over the latest twenty steps or so.
constexpr double kAveraging = 0.95;
constexpr double kSecondsBetweenPictures = 4;
// Of the work, by what it takes: a draft is about as long as so many seconds of learning.
constexpr double kDraftSeconds = 0.5;

// "IMPL" and the version of the layout.
constexpr std::uint32_t kLearnMagic = 0x4c504d49;
constexpr std::uint32_t kLearnVersion = 2;

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
        plan_(plan_filters(detailer_), request.own, static_cast<std::size_t>(request.bank),
              request.styles.size()),
        values_(plan_.start(read_filters(detailer_, plan_.filters()))),
        filters_(plan_.filters().count),
        slopes_(filters_.size()),
        mean_(values_.size()),
        square_(values_.size()),
        pieces_(static_cast<std::size_t>(request.pieces)) {
    tools_.watch = [this](Cancellable* work) { host_.watch(work); };
  }
  ~Learning() { host_.watch(nullptr); }
  Learning(const Learning&) = delete;
  Learning& operator=(const Learning&) = delete;

  Learned run() {
    prepare();
    if (subjects_.empty()) return finish();
    open_pupils();
    gap_before_ = mean_gap(values_);
    if (!request_.checkpoint.empty()) restore();
    descend();
    gap_after_ = mean_gap(learned());
    picture_ = paint_first();
    return finish();
  }

 private:
  // ---- lessons ----

  // Until all drafts are there, or the host ends it.
  void prepare() {
    std::vector<Size> sizes;
    for (const Image& frame : request_.frames) sizes.push_back({frame.width, frame.height});
    std::vector<Image> styles;
    for (const Image& style : request_.styles) styles.push_back(style_beside(style, side_of(0)));
    for (const Piece& piece : choose_pieces(sizes, pieces_, request_.settings.seed)) {
      const Image content =
          cut_piece(split_alpha(request_.frames[piece.frame]).rgb, piece, side_of(kDoublings));
      for (const Image& style : styles) {
        std::optional<Image> draft = make_draft(content, style, piece);
        if (!draft) return subjects_.clear();
        subjects_.push_back({content, std::move(*draft), {}});
        report_drafts();
      }
    }
  }

  // What losses are relative to is measured at the smaller size for both.
  void open_pupils() {
    const std::shared_ptr<const Network> critics[] = {tools_.encoder,
                                                      load_network(request_.critic_path)};
    for (std::size_t doubling = 1; doubling <= kDoublings; ++doubling) {
      const int side = side_of(doubling);
      pupils_.push_back(std::make_unique<Pupil>(tools_, side, request_.settings.padding, critics));
      std::vector<TaughtStyle>& taught = styles_.emplace_back();
      for (const Image& style : request_.styles) {
        taught.push_back(pupils_.back()->measure(style_beside(style, side)));
      }
    }
    Pupil& pupil = *pupils_.front();
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      const Image content = content_of(subjects_[i], 0);
      for (std::size_t critic = 0; critic < pupil.critics(); ++critic) {
        subjects_[i].distances.push_back(
            pupil.distances(content, styles_.front()[style_of(i)], critic));
      }
    }
  }

  // A piece of a frame and its draft in a style: what is painted of it in two doublings.
  struct Subject {
    Image content;  // at the larger size
    Image draft;
    std::vector<std::vector<double>> distances;  // by critic and layer
  };

  Image content_of(const Subject& subject, std::size_t doubling) const {
    return shrunk(subject.content, side_of(doubling + 1));
  }

  // The second doubling goes on from what `filters_` paint in the first.
  Lesson make(std::size_t at, std::size_t doubling, std::uint32_t seed) {
    const Subject& subject = subjects_[at];
    Image draft = doubling == 0 ? subject.draft
                                : pupils_.front()->paint(filters_, make(at, doubling - 1, seed));
    const TaughtStyle& style = styles_[doubling][style_of(at)];
    Lesson lesson =
        make_lesson(tools_, style.statistics, content_of(subject, doubling), std::move(draft));
    renew_noise(detailer_, pupils_[doubling]->layers(), seed, lesson);
    return lesson;
  }

  // Nothing when the host ended it.
  std::optional<Image> make_draft(const Image& content, const Image& style, const Piece& piece) {
    Request draft;
    draft.content = shrunk(content, request_.draft_side);
    draft.styles.push_back({style, 1, {}, {}, {}});
    draft.network_path = request_.network_path;
    draft.settings = request_.settings;
    draft.settings.method = Method::kOptimize;
    draft.settings.init = Init::kStyleColors;
    draft.settings.colors = Colors::kStyle;
    draft.settings.photoreal = Photoreal::kOff;
    draft.settings.seamless = Seamless::kOff;
    draft.settings.size = draft.settings.min_scale = request_.draft_side;
    draft.settings.budget.reset();
    draft.settings.live.style_to_content =
        piece.strength * draft.settings.live.draft_style_to_content;
    DraftHost host(host_);
    Result result = stylize(draft, host);
    if (result.stopped) return std::nullopt;
    return opaque(std::move(result.image));
  }

  static Image shrunk(const Image& square, int side) {
    if (square.width == side) return square;
    Image result = resize(square, side, side);
    clamp_to_unit(result);
    return result;
  }

  // Of the picture after so many doublings.
  int side_of(std::size_t doublings) const { return request_.draft_side << doublings; }

  // The style picture as it stands beside a square result.
  Image style_beside(const Image& picture, int side) const {
    const Picture style = split_alpha(picture);
    const Size size = style_size({style.rgb.width, style.rgb.height}, {side, side},
                                 request_.settings.style_scale);
    return resize(style, size.width, size.height).rgb;
  }

  // Subjects of the styles take turns.
  std::size_t style_of(std::size_t subject) const { return subject % request_.styles.size(); }

  // ---- learning ----

  void descend() {
    const std::size_t critics = pupils_.front()->critics();
    std::vector<float> sum(values_.size());
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
      // One piece for each critic, one at each doubling.
      for (std::size_t critic = 0; critic < critics; ++critic) {
        const std::size_t at = next_subject();
        const std::size_t doubling = (static_cast<std::size_t>(steps_) + critic) % kDoublings;
        const auto seed = request_.settings.seed + 1u + static_cast<std::uint32_t>(studied_);
        ++studied_;
        gap = study(values_, at, doubling, critic, seed);
        plan_.unfold(values_, style_of(at), slopes_, 1.0 / static_cast<double>(critics), sum);
      }
      if (request_.frozen) std::fill_n(sum.begin(), plan_.filters().count, 0.0f);
      step(sum);
      seconds_ += watch_.seconds() - begin;
      losses_.style = losses_.total = steps_ == 1 ? gap : 0.95 * losses_.style + 0.05 * gap;
      if (seconds_ - shown >= kSecondsBetweenPictures) {
        shown = seconds_;
        host_.publish(paint_first());
      }
      report_steps();
    }
  }

  // The style gap that is left, and the gradient with respect to the filters in `slopes_`.
  double study(std::span<const float> values, std::size_t at, std::size_t doubling,
               std::size_t critic, std::uint32_t seed) {
    plan_.fold(values, style_of(at), filters_);
    const Lesson lesson = make(at, doubling, seed);
    return pupils_[doubling]
        ->study(filters_, lesson, styles_[doubling][style_of(at)], critic,
                subjects_[at].distances[critic], slopes_)
        .style_gap;
  }

  Image paint_first() {
    plan_.fold(learned(), 0, filters_);
    return pupils_.front()->paint(filters_, make(0, 0, request_.settings.seed));
  }

  // In a new order each time all have been studied; a function of seed and count.
  std::size_t next_subject() const {
    const std::size_t n = subjects_.size();
    const std::size_t round = studied_ / n;
    const std::size_t stride = 1 + 2 * ((round * 7 + request_.settings.seed) % n);
    return (studied_ % n * (std::gcd(stride, n) == 1 ? stride : 1) + round) % n;
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
        kLeastStepShare + (1 - kLeastStepShare) * 0.5 * (1 + std::cos(progress * std::numbers::pi));
    const double share = cosine * std::min(1.0, static_cast<double>(steps_) / kWarmUpSteps);
    const double mean_correction = 1 / (1 - std::pow(kMeanDecay, steps_));
    const double square_correction = 1 / (1 - std::pow(kSquareDecay, steps_));
    const std::size_t filters = request_.own == Own::kScales ? filters_.size() : values_.size();
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double g = limit * gradient[i];
      mean_[i] = static_cast<float>(kMeanDecay * mean_[i] + (1 - kMeanDecay) * g);
      square_[i] = static_cast<float>(kSquareDecay * square_[i] + (1 - kSquareDecay) * g * g);
      const double size = share * (i < filters ? kFilterStepSize : kScaleStepSize);
      values_[i] -= static_cast<float>(size * mean_correction * mean_[i] /
                                       (std::sqrt(square_[i] * square_correction) + kSmallest));
    }
    average_.add(values_);
  }

  std::vector<float> learned() const {
    if (average_.empty()) return values_;
    std::vector<float> average = average_.value();
    // Which rounds, and what is frozen stays as it is to the last bit.
    if (request_.frozen) std::copy_n(values_.begin(), plan_.filters().count, average.begin());
    return average;
  }

  // Of every fourth piece in each style: enough to tell what learning brought.
  double mean_gap(const std::vector<float>& values) {
    double sum = 0;
    int count = 0;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      if (i / request_.styles.size() % 4 != 0) continue;
      sum += study(values, i, 0, pupils_.front()->critics() - 1, request_.settings.seed);
      ++count;
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
    for (const auto* values : {&values_, &mean_, &square_}) writer.put(*values);
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
    const std::size_t count = values_.size();
    for (auto* values : {&values_, &mean_, &square_}) *values = reader.get_floats(count);
    average_.load(reader, count);
    reader.expect_end();
  }

  std::size_t subject_count() const { return pieces_ * request_.styles.size(); }
  double draft_seconds() const { return kDraftSeconds * static_cast<double>(subject_count()); }

  void report_drafts() {
    Report report;
    report.iteration = report.total_iteration = static_cast<int>(subjects_.size());
    report.iterations = report.total_iterations = static_cast<int>(subject_count());
    report.phase = "prepare";
    tell(std::move(report), kDraftSeconds * static_cast<double>(subjects_.size()));
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
    report.size = {side_of(kDoublings), side_of(kDoublings)};
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
    const std::span<const float> shared(values.data(), plan_.filters().count);
    for (std::size_t style = 0; style < request_.styles.size(); ++style) {
      learned_now.own.push_back(own_of(values, style));
    }
    write_filters(shared, plan_.filters(), detailer_);
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
    result.stopped = stopped_ || subjects_.empty();
    return learned_now;
  }

  static void append(std::vector<float>& all, const DetailConvolution& convolution) {
    all.insert(all.end(), convolution.weight.begin(), convolution.weight.end());
    all.insert(all.end(), convolution.bias.begin(), convolution.bias.end());
  }

  std::vector<float> own_of(const std::vector<float>& values, std::size_t style) {
    if (request_.own != Own::kBank) {
      const std::span<const float> own = plan_.own_of(values, style);
      return {own.begin(), own.end()};
    }
    plan_.fold(values, style, filters_);
    write_filters(filters_, plan_.filters(), detailer_);
    std::vector<float> bank;
    append(bank, convolution_at(detailer_, static_cast<std::size_t>(request_.bank)));
    return bank;
  }

  const LearnRequest& request_;
  Host& host_;
  DetailTools tools_;
  Detailer detailer_;  // takes what was learned
  OwnPlan plan_;
  std::vector<float> values_;            // all that is learned
  std::vector<float> filters_, slopes_;  // of the style in work
  std::vector<float> mean_, square_;
  std::size_t pieces_;
  Average average_{kAveraging};
  std::vector<Subject> subjects_;
  // By doubling.
  std::vector<std::unique_ptr<Pupil>> pupils_;
  std::vector<std::vector<TaughtStyle>> styles_;
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
