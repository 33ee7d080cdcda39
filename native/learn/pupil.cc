#include "learn/pupil.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "image/resize.h"

namespace impasto {
namespace {

namespace in = learn_names;

// More than the optimizer's: what few layers see is easily learned for those alone.
const std::vector<std::string> kStudiedLayers = {"relu1_1", "relu1_2", "relu2_1",
                                                 "relu2_2", "relu3_1", "relu3_2",
                                                 "relu4_1", "relu4_2", "relu5_1"};
constexpr const char* kContentLayer = "relu4_2";
// As the detailer was trained (networks/train/train_detailer.py); the content weighs more since
// these losses are relative to the content's own features.
constexpr double kContentWeight = 0.16;
constexpr double kNearnessWeight = 3;
constexpr double kRangeWeight = 10;
// A content that has the style's statistics already at a layer must not make it count for all.
constexpr double kLeastDistance = 0.02;

Shape filter_shape(int out, int in_channels) { return {out, in_channels, 3, 3}; }

Weights equal_weights() {
  Weights weights;
  weights.style_layers.assign(kStudiedLayers.size(), 1);
  weights.content_layers = weights.content_terms = weights.style_terms = {1};
  return weights;
}

}  // namespace

Pupil::Pupil(const DetailTools& tools, int side, Padding padding,
             std::span<const std::shared_ptr<const Network>> critics)
    : tools_(tools),
      side_(side),
      padding_(padding),
      plan_(plan_filters(*tools.detailer)),
      layers_(detail_layers(*tools.encoder, *tools.detailer, side, side)),
      filters_(plan_.count),
      turned_(plan_.count),
      slopes_(plan_.count),
      painted_(3 * static_cast<std::size_t>(side) * side),
      pull_(painted_.size()),
      networks_(critics.begin(), critics.end()) {
  for (const auto& network : networks_) {
    Problem problem;
    problem.height = problem.width = side;
    problem.style_layers = kStudiedLayers;
    problem.content_layers = {kContentLayer};
    problem.content_losses = {ContentLoss::kFeatures};
    problem.style_losses = {StyleLoss::kW2};
    problem.pooling = network->pooling.value_or(Pooling::kAverage);
    problem.padding = padding;
    critics_.push_back(open_objective(network, problem, tools.device));
  }

  const ort::SessionConfig config{tools.device.kind, tools.device.threads};
  const auto& convolutions = plan_.convolutions;
  painting_ = std::make_unique<ort::Session>(build_learned_decoder(convolutions, layers_), config);
  gradient_ = std::make_unique<ort::Session>(build_filter_gradient(convolutions, layers_), config);
  made_.resize(convolutions.size() - 1);
  own_.resize(layers_.size());
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    bind_filters(i);
    bind_maps(i);
  }
  const Shape picture{1, 3, side, side};
  painting_->bind_output(in::kPainted, painted_, picture);
  gradient_->bind_changing_input(in::kPull, pull_, picture);
}

// Of a convolution, with their slopes.
void Pupil::bind_filters(std::size_t i) {
  const LearnedConvolution& c = plan_.convolutions[i];
  const FilterPlace& place = plan_.places[i];
  const std::span<float> filters(filters_), turned(turned_), slopes(slopes_);
  const std::size_t own_count = place.below - place.own;
  const std::size_t below_count = place.bias - place.below;
  const auto out_count = static_cast<std::size_t>(c.out);
  painting_->bind_changing_input(numbered(in::kOwnFilters, i),
                                 filters.subspan(place.own, own_count), filter_shape(c.out, c.own));
  painting_->bind_changing_input(numbered(in::kBias, i), filters.subspan(place.bias, out_count),
                                 {c.out});
  gradient_->bind_output(numbered(in::kOwnSlope, i), slopes.subspan(place.own, own_count),
                         filter_shape(c.out, c.own));
  gradient_->bind_output(numbered(in::kBiasSlope, i), slopes.subspan(place.bias, out_count),
                         {c.out});
  if (c.below > 0) {
    painting_->bind_changing_input(numbered(in::kBelowFilters, i),
                                   filters.subspan(place.below, below_count),
                                   filter_shape(c.out, c.below));
    gradient_->bind_output(numbered(in::kBelowSlope, i), slopes.subspan(place.below, below_count),
                           filter_shape(c.out, c.below));
    gradient_->bind_changing_input(numbered(in::kTurnedBelow, i),
                                   turned.subspan(place.below, below_count),
                                   filter_shape(c.below, c.out));
  } else if (i > 0) {
    gradient_->bind_changing_input(numbered(in::kTurnedOwn, i),
                                   turned.subspan(place.own, own_count),
                                   filter_shape(c.own, c.out));
  }
}

// What a convolution reads of a lesson, and what it makes for the next.
void Pupil::bind_maps(std::size_t i) {
  const LearnedConvolution& c = plan_.convolutions[i];
  const FeatureShape& shape = layers_[c.level].shape;
  if (c.first) {
    own_[c.level].resize(c.own * shape.plane());
    for (ort::Session* session : {painting_.get(), gradient_.get()}) {
      session->bind_changing_input(numbered(in::kOwn, c.level), own_[c.level],
                                   {1, c.own, shape.height, shape.width});
    }
  }
  if (i + 1 == plan_.convolutions.size()) return;
  made_[i].resize(c.out * shape.plane());
  const Shape map{1, c.out, shape.height, shape.width};
  painting_->bind_output(numbered(in::kMade, i), made_[i], map);
  gradient_->bind_changing_input(numbered(in::kMade, i), made_[i], map);
}

TaughtStyle Pupil::measure(const Image& style) const {
  TaughtStyle taught{measure_gaussians(tools_, {style, std::nullopt}), {}};
  for (const auto& network : networks_) {
    taught.critics.push_back(measure_style(network, style, nullptr, kStudiedLayers,
                                           network->pooling.value_or(Pooling::kAverage), padding_,
                                           tools_.device, tools_.watch));
  }
  return taught;
}

std::vector<double> Pupil::distances(const Image& content, const TaughtStyle& style,
                                     std::size_t critic) {
  Objective& objective = *critics_[critic];
  objective.set_styles({&style.critics[critic], 1});
  objective.set_content(content, nullptr, {});
  objective.set_weights(equal_weights());
  return objective.evaluate(content.data, pull_).style_layers;
}

Image Pupil::paint(std::span<const float> filters, const Lesson& lesson) {
  run_painting(filters, lesson);
  Image image{3, side_, side_, painted_};
  clamp_to_unit(image);
  return image;
}

LessonLoss Pupil::study(std::span<const float> filters, const Lesson& lesson,
                        const TaughtStyle& style, std::size_t critic,
                        std::span<const double> distances, std::span<float> gradient) {
  run_painting(filters, lesson);
  const LessonLoss loss = compare(lesson, style, critic, distances);
  run_gradient(gradient);
  return loss;
}

void Pupil::run(ort::Session& session) {
  const Watched watched(tools_.watch, session);
  session.run();
}

// `painted_` becomes the picture, around 0.5.
void Pupil::run_painting(std::span<const float> filters, const Lesson& lesson) {
  std::copy(filters.begin(), filters.end(), filters_.begin());
  for (std::size_t level = 0; level < own_.size(); ++level) own_[level] = lesson.own[level];
  run(*painting_);
  for (float& value : painted_) value += 0.5f;
}

// Loss of `painted_`, and its gradient in `pull_`.
LessonLoss Pupil::compare(const Lesson& lesson, const TaughtStyle& style, std::size_t critic,
                          std::span<const double> distances) {
  Objective& objective = *critics_[critic];
  objective.set_styles({&style.critics[critic], 1});
  objective.set_content(lesson.content, nullptr, {});
  if (tools_.watch) tools_.watch(&objective);
  Weights weights = equal_weights();
  weights.content = kContentWeight;
  weights.style = 1;
  for (std::size_t i = 0; i < kStudiedLayers.size(); ++i) {
    weights.style_layers[i] = 1 / std::max(distances[i], kLeastDistance);
  }
  objective.set_weights(weights);
  const LossValues losses = objective.evaluate(painted_, pull_);
  if (tools_.watch) tools_.watch(nullptr);
  LessonLoss loss{losses.content + losses.style, losses.style, losses.content / kContentWeight};

  const std::size_t plane = lesson.content.plane();
  const double outside_share = kRangeWeight / static_cast<double>(painted_.size());
  for (std::size_t i = 0; i < painted_.size(); ++i) {
    const double over = painted_[i] - std::clamp(painted_[i], 0.0f, 1.0f);
    loss.total += outside_share * over * over;
    pull_[i] += static_cast<float>(2 * outside_share * over);
  }
  // Each 2 × 2 pixels together are to be near the draft's one.
  const int half = side_ / 2;
  const double near_share = kNearnessWeight / static_cast<double>(lesson.draft.size());
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < half; ++y) {
      for (int x = 0; x < half; ++x) {
        const std::size_t at = channel * plane + static_cast<std::size_t>(2 * y) * side_ +
                               static_cast<std::size_t>(2 * x);
        const std::size_t four[] = {at, at + 1, at + side_, at + side_ + 1};
        double mean = 0;
        for (const std::size_t i : four) mean += painted_[i] / 4.0;
        const double off =
            mean -
            lesson.draft.data[channel * lesson.draft.plane() + static_cast<std::size_t>(y) * half +
                              static_cast<std::size_t>(x)];
        loss.total += near_share * off * off;
        for (const std::size_t i : four) pull_[i] += static_cast<float>(near_share * off / 2);
      }
    }
  }
  return loss;
}

void Pupil::run_gradient(std::span<float> gradient) {
  for (std::size_t i = 1; i < plan_.convolutions.size(); ++i) {
    const LearnedConvolution& c = plan_.convolutions[i];
    const FilterPlace& place = plan_.places[i];
    const std::size_t from = c.below > 0 ? place.below : place.own;
    const int read = c.below > 0 ? c.below : c.own;
    turn_filters(std::span(filters_).subspan(from), c.out, read, std::span(turned_).subspan(from));
  }
  run(*gradient_);
  std::copy(slopes_.begin(), slopes_.end(), gradient.begin());
}

}  // namespace impasto
