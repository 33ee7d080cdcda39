#include "objective/objective.h"

#include <chrono>

#include "base/error.h"
#include "objective/border.h"
#include "objective/content_loss.h"
#include "objective/evaluator.h"
#include "objective/mask.h"
#include "objective/total_variation.h"

namespace impasto {
namespace {

constexpr int kBlocks = 5;

class SessionObjective final : public Objective {
 public:
  SessionObjective(std::shared_ptr<const Network> network, const Problem& problem,
                   const DeviceOptions& device)
      : network_(network),
        problem_(problem),
        shapes_(feature_shapes(*network, problem.height, problem.width)),
        style_(problem.style_layers.size()),
        content_(problem.content_layers.size()),
        evaluator_(acquire_evaluator(std::move(network), problem, device)) {
    for (std::size_t i = 0; i < style_.size(); ++i) {
      style_[i].shape = shapes_[layer_index(*network_, problem_.style_layers[i])];
    }
    for (std::size_t i = 0; i < content_.size(); ++i) {
      content_[i].shape = shapes_[layer_index(*network_, problem_.content_layers[i])];
    }
    set_masks(nullptr);
    for (std::size_t i = 0; i < style_.size(); ++i) set_style_layer(i, neutral_moments(i));
    for (std::size_t i = 0; i < content_.size(); ++i) {
      set_content_layer(i, std::vector<float>(content_[i].shape.size()));
    }
    weights_.style_layers.resize(style_.size());
    weights_.content_layers.resize(content_.size());
    load_factors(weights_);
  }

  ~SessionObjective() override {
    try {
      release_evaluator(std::move(evaluator_));
    } catch (...) {
      // A session that cannot be kept is dropped.
    }
  }

  void set_style(const MeasuredStyle& style) override {
    for (std::size_t i = 0; i < style_.size(); ++i) {
      const std::string& layer = problem_.style_layers[i];
      const auto found = style.layers.find(layer);
      if (found == style.layers.end() || found->second.channels != style_[i].shape.channels) {
        throw Error("internal", "The style was not measured at " + layer + ".");
      }
      set_style_layer(i, found->second);
    }
  }

  void set_content(const Image& content, const Image* mask) override {
    set_masks(mask);
    if (content_.empty()) return;
    load_pixels(content.data);
    auto features = evaluator_->run_features(problem_.content_layers);
    for (std::size_t i = 0; i < content_.size(); ++i) {
      set_content_layer(i, std::move(features[problem_.content_layers[i]]));
    }
  }

  void set_weights(const Weights& weights) override {
    if (weights.style_layers.size() != style_.size() ||
        weights.content_layers.size() != content_.size()) {
      throw Error("internal", "There must be one weight for each layer.");
    }
    weights_ = weights;
  }

  LossValues evaluate(std::span<const float> pixels, std::span<float> gradient) override {
    return evaluate_with(weights_, pixels, gradient);
  }

  void cancel() override { evaluator_->cancel(); }
  void reset_cancel() override { evaluator_->reset_cancel(); }
  const Problem& problem() const override { return problem_; }

 private:
  struct Layer {
    FeatureShape shape;
    double area = 0;
    double scale = 0;  // loss = scale · (sum + offset)
    double offset = 0;
    std::vector<float> mask;
  };

  bool relative() const { return problem_.style_loss != StyleLoss::kGram; }

  // Before a style is set: a target that divides nothing by zero.
  Moments neutral_moments(std::size_t index) const {
    const std::size_t n = static_cast<std::size_t>(style_[index].shape.channels);
    Moments moments{static_cast<int>(n), std::vector<float>(n), std::vector<float>(n * n)};
    for (std::size_t i = 0; i < n; ++i) moments.gram[i * (n + 1)] = 1;
    return moments;
  }

  std::size_t plane() const {
    return static_cast<std::size_t>(problem_.height) * static_cast<std::size_t>(problem_.width);
  }

  void set_masks(const Image* mask) {
    if (mask != nullptr && mask->data.size() != plane()) {
      throw Error("internal", "The mask has another size than the picture.");
    }
    if (problem_.masked && mask == nullptr) {
      const std::vector<float> ones(plane(), 1);
      apply_masks(block_masks(ones, problem_.height, problem_.width, kBlocks));
    } else {
      const std::span<const float> values =
          problem_.masked ? std::span<const float>(mask->data) : std::span<const float>();
      apply_masks(block_masks(values, problem_.height, problem_.width, kBlocks));
    }
  }

  void apply_masks(const std::vector<LayerMask>& masks) {
    for (std::size_t i = 0; i < style_.size(); ++i) {
      const std::string& layer = problem_.style_layers[i];
      apply_mask(style_[i], masks, "style_", layer);
      evaluator_->set_scalar(names::kInverseArea + layer, 1 / style_[i].area, 2);
    }
    for (std::size_t i = 0; i < content_.size(); ++i) {
      apply_mask(content_[i], masks, "content_", problem_.content_layers[i]);
    }
  }

  void apply_mask(Layer& place, const std::vector<LayerMask>& masks, const std::string& role,
                  const std::string& layer) {
    const LayerMask& mask = masks[static_cast<std::size_t>(block_of(layer) - 1)];
    place.area = mask.area;
    place.mask = mask.values;
    if (mask.values.empty()) return;
    evaluator_->set_input(role + names::kMask + layer, mask.values,
                          {1, 1, place.shape.height, place.shape.width});
  }

  void set_style_layer(std::size_t index, const Moments& moments) {
    const std::string& layer = problem_.style_layers[index];
    Layer& place = style_[index];
    StyleTarget target = moment_loss(problem_.style_loss).prepare(moments);
    place.scale = target.scale;
    place.offset = target.offset;
    for (StyleTarget::Input& input : target.inputs) {
      evaluator_->set_input(style_input(input.name, layer), std::move(input.values), input.shape);
    }
  }

  void set_content_layer(std::size_t index, std::vector<float> features) {
    const std::string& layer = problem_.content_layers[index];
    Layer& place = content_[index];
    place.scale = content_scale(features, place.shape, place.mask, place.area, relative());
    evaluator_->set_input(names::kContentTarget + layer, std::move(features),
                          {1, place.shape.channels, place.shape.height, place.shape.width});
  }

  double style_weight(const Weights& weights, std::size_t index) const {
    return weights.style * weights.style_layers[index] / static_cast<double>(style_.size());
  }

  double content_weight(const Weights& weights, std::size_t index) const {
    return weights.content * weights.content_layers[index];
  }

  void load_pixels(std::span<const float> pixels) {
    if (pixels.size() != 3 * plane()) throw Error("internal", "The picture has another size.");
    normalize_and_pad(pixels, problem_.height, problem_.width, *network_, problem_.padding,
                      evaluator_->pixels());
  }

  void load_factors(const Weights& weights) {
    for (std::size_t i = 0; i < style_.size(); ++i) {
      const Layer& layer = style_[i];
      const double weight = style_weight(weights, i);
      const double factor = style_factor(weight, layer.scale, layer.area);
      evaluator_->set_scalar(names::kStyleFactor + problem_.style_layers[i], factor, 2);
    }
    for (std::size_t i = 0; i < content_.size(); ++i) {
      const double factor = content_factor(content_weight(weights, i), content_[i].scale);
      evaluator_->set_scalar(names::kContentFactor + problem_.content_layers[i], factor, 4);
    }
  }

  LossValues evaluate_with(const Weights& weights, std::span<const float> pixels,
                           std::span<float> gradient) {
    if (gradient.size() != pixels.size()) throw Error("internal", "The gradient has another size.");
    load_pixels(pixels);
    load_factors(weights);
    evaluator_->run();
    fold_gradient(evaluator_->gradient(), problem_.height, problem_.width, *network_,
                  problem_.padding, gradient);
    LossValues losses;
    const std::span<const float> sums = evaluator_->sums();
    for (std::size_t i = 0; i < style_.size(); ++i) {
      losses.style_layers.push_back(style_[i].scale * (sums[i] + style_[i].offset));
      losses.style += style_weight(weights, i) * losses.style_layers.back();
    }
    for (std::size_t i = 0; i < content_.size(); ++i) {
      losses.content_layers.push_back(content_[i].scale * sums[style_.size() + i]);
      losses.content += content_weight(weights, i) * losses.content_layers.back();
    }
    if (weights.tv != 0) {
      losses.tv = weights.tv * total_variation(pixels, problem_.height, problem_.width, problem_.tv,
                                               weights.tv, gradient);
    }
    losses.total = losses.content + losses.style + losses.tv;
    return losses;
  }

  std::shared_ptr<const Network> network_;
  Problem problem_;
  std::vector<FeatureShape> shapes_;
  std::vector<Layer> style_;
  std::vector<Layer> content_;
  Weights weights_;
  std::unique_ptr<Evaluator> evaluator_;
};

void check_problem(const Network& network, const Problem& problem) {
  depth_of(network, problem.style_layers, problem.content_layers);
  if (problem.style_layers.empty() && problem.content_layers.empty()) {
    throw Error("bad-setting", "There must be at least one style or content layer.");
  }
  if (problem.height < 32 || problem.width < 32) {
    throw Error("bad-picture", "The picture is too small.",
                "Both sides must have at least 32 pixels.");
  }
}

}  // namespace

std::unique_ptr<Objective> open_objective(std::shared_ptr<const Network> network,
                                          const Problem& problem, const DeviceOptions& device) {
  check_problem(*network, problem);
  return std::make_unique<SessionObjective>(std::move(network), problem, device);
}

void drop_idle_objectives() { drop_idle_evaluators(); }

Evaluation evaluate_once(std::shared_ptr<const Network> network, const Problem& problem,
                         const Image& image, const Image& content, const Image* content_mask,
                         const Image& style, const Image* style_mask, const Weights& weights,
                         const DeviceOptions& device, int repeats) {
  Evaluation result;
  result.style = measure_style(network, style, style_mask, problem.style_layers, problem.pooling,
                               problem.padding, device);
  const auto objective = open_objective(std::move(network), problem, device);
  objective->set_style(result.style);
  objective->set_content(content, content_mask);
  objective->set_weights(weights);
  result.gradient.resize(image.data.size());
  for (int i = 0; i < repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    result.losses = objective->evaluate(image.data, result.gradient);
    result.seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return result;
}

}  // namespace impasto
