#include "objective/objective.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "objective/content_loss.h"
#include "objective/evaluator.h"
#include "objective/mask.h"
#include "objective/session_evaluator.h"
#include "objective/total_variation.h"

namespace impasto {
namespace {

class PictureObjective final : public Objective {
 public:
  PictureObjective(std::shared_ptr<const Network> network, const Problem& problem,
                   const DeviceOptions& device, Between between)
      : network_(network),
        problem_(problem),
        shapes_(feature_shapes(*network, problem.height, problem.width)),
        threads_(device.threads),
        regions_(static_cast<std::size_t>(std::max(1, problem.regions))),
        terms_(problem.style_losses.size()),
        style_(problem.style_layers.size() * regions_),
        content_terms_(problem.content_losses.size()),
        content_(problem.content_layers.size()),
        evaluator_(open_evaluator(std::move(network), problem, device, std::move(between))) {
    for (std::size_t i = 0; i < style_.size(); ++i) {
      style_[i].shape = shapes_[layer_index(*network_, style_layer(i))];
      style_[i].terms.resize(terms_);
    }
    for (std::size_t i = 0; i < content_.size(); ++i) {
      content_[i].shape = shapes_[layer_index(*network_, problem_.content_layers[i])];
      content_[i].scales.resize(content_terms_);
    }
    const std::vector<Image> everywhere(static_cast<std::size_t>(problem.regions), ones());
    set_masks(nullptr, everywhere);
    for (std::size_t i = 0; i < style_.size(); ++i) {
      const Moments moments = neutral_moments(i);
      const StyleFeatures features[] = {{moments.channels, moments.mean, {}, 1}};
      set_style_layer(i, moments, features);
      for (std::size_t t = 0; t < terms_; ++t) set_no_match(i, t);
    }
    weights_.style_layers.resize(problem_.style_layers.size());
    weights_.content_layers.resize(content_.size());
    weights_.content_terms.resize(content_terms_);
    weights_.style_terms.resize(terms_);
    load_factors(weights_);
  }

  ~PictureObjective() override {
    try {
      close_evaluator(std::move(evaluator_));
    } catch (...) {
      // A session that cannot be kept is dropped.
    }
  }

  void set_styles(std::span<const MeasuredStyle> styles) override {
    if (styles.size() != regions_) {
      throw Error("internal", "There must be one style for each region.");
    }
    for (std::size_t i = 0; i < style_.size(); ++i) {
      require_not_cancelled();
      const std::string& layer = style_layer(i);
      const MeasuredStyle& style = styles[i % regions_];
      const auto found = style.layers.find(layer);
      style_[i].has_target = found != style.layers.end();
      if (!style_[i].has_target) continue;
      if (found->second.channels != style_[i].shape.channels) {
        throw Error("internal", "The style was measured with another network.");
      }
      const auto features = style.features.find(layer);
      if (features == style.features.end() && need_features(problem_.style_losses)) {
        throw Error("internal", "The style was measured without its features.");
      }
      set_style_layer(i, found->second,
                      features == style.features.end() ? std::span<const StyleFeatures>()
                                                       : std::span(features->second));
      for (std::size_t t = 0; t < terms_; ++t) set_patches(i, t, style);
    }
  }

  void set_content(const Image& content, const Image* mask,
                   std::span<const Image> regions) override {
    set_masks(mask, regions);
    if (content_.empty()) return;
    require_size(content.data);
    const std::vector<double> energies = evaluator_->set_content(content.data);
    for (std::size_t i = 0; i < content_.size(); ++i) {
      ContentLayer& place = content_[i];
      for (std::size_t t = 0; t < content_terms_; ++t) {
        place.scales[t] =
            problem_.content_losses[t] == ContentLoss::kFeatures
                ? content_scale(energies[i], place.shape.channels, place.area, relative())
                : 1;
      }
    }
  }

  void rematch(std::span<const float> pixels) override {
    std::vector<std::string> layers;
    for (const std::string& layer : problem_.style_layers) {
      if (is_matched(problem_, layer)) layers.push_back(layer);
    }
    if (layers.empty()) return;
    require_size(pixels);
    const auto features = evaluator_->features(pixels, layers);
    for (std::size_t i = 0; i < style_.size(); ++i) {
      for (std::size_t t = 0; t < terms_; ++t) {
        StyleLayer::TermState& term = style_[i].terms[t];
        if (!term.matcher) continue;
        set_style_term(
            i, t,
            term.matcher->match({style_[i].shape, features.at(style_layer(i)), style_[i].mask},
                                [this] { require_not_cancelled(); }));
      }
    }
  }

  void set_weights(const Weights& weights) override {
    if (weights.style_layers.size() != problem_.style_layers.size() ||
        weights.content_layers.size() != content_.size() ||
        weights.content_terms.size() != content_terms_ || weights.style_terms.size() != terms_) {
      throw Error("internal", "There must be one weight for each layer and term.");
    }
    weights_ = weights;
  }

  LossValues evaluate(std::span<const float> pixels, std::span<float> gradient) override {
    return evaluate_with(weights_, pixels, gradient);
  }

  void cancel() override {
    cancelled_ = true;
    evaluator_->cancel();
  }
  void reset_cancel() override {
    cancelled_ = false;
    evaluator_->reset_cancel();
  }
  const Problem& problem() const override { return problem_; }

 private:
  struct Layer {
    FeatureShape shape;
    double area = 0;
  };
  struct ContentLayer : Layer {
    std::vector<double> scales;  // by term: loss = scale · sum
  };
  // A style layer in a region: they stand layer by layer, and within one region by region.
  struct StyleLayer : Layer {
    struct TermState {
      double scale = 0;  // loss = scale · (sum + offset)
      double offset = 0;
      std::unique_ptr<PatchMatcher> matcher;  // of a loss that matches patches
    };
    std::vector<TermState> terms;
    std::vector<float> mask;  // kept where patches are matched
    double share = 1;         // of the positions that count
    bool covered = true;      // by enough positions
    bool has_target = true;
  };

  const std::string& style_layer(std::size_t index) const {
    return problem_.style_layers[index / regions_];
  }
  std::string style_place(std::size_t index) const {
    return style_place_name(style_layer(index), static_cast<int>(index % regions_));
  }

  bool relative() const { return problem_.style_losses != std::vector{StyleLoss::kGram}; }

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

  Image ones() const {
    return {1, problem_.height, problem_.width, std::vector<float>(plane(), 1)};
  }

  std::vector<LayerMask> masks_of(const Image* mask) const {
    if (mask != nullptr && mask->data.size() != plane()) {
      throw Error("internal", "The mask has another size than the picture.");
    }
    const std::span<const float> values =
        mask == nullptr ? std::span<const float>() : std::span<const float>(mask->data);
    return block_masks(values, problem_.height, problem_.width, kBlocks);
  }

  void set_masks(const Image* mask, std::span<const Image> regions) {
    if (regions.size() != static_cast<std::size_t>(problem_.regions)) {
      throw Error("internal", "There must be one mask for each region.");
    }
    const Image whole = problem_.masked && mask == nullptr ? ones() : Image();
    const Image* content = problem_.masked ? (mask == nullptr ? &whole : mask) : nullptr;
    const std::vector<LayerMask> masks = masks_of(content);
    for (const LayerMask& level : masks) require_visible(level);
    for (std::size_t region = 0; region < regions_; ++region) {
      set_style_masks(region, regions.empty() ? masks : masks_of(&regions[region]), masks);
    }
    for (std::size_t i = 0; i < content_.size(); ++i) {
      const std::string& layer = problem_.content_layers[i];
      apply_mask(content_[i], level_of(masks, layer), "content_", layer);
    }
  }

  void set_style_masks(std::size_t region, const std::vector<LayerMask>& masks,
                       const std::vector<LayerMask>& whole) {
    for (std::size_t i = region; i < style_.size(); i += regions_) {
      StyleLayer& place = style_[i];
      const LayerMask& mask = level_of(masks, style_layer(i));
      apply_mask(place, mask, "style_", style_place(i));
      if (is_matched(problem_, style_layer(i))) place.mask = mask.values;
      place.share = place.area / level_of(whole, style_layer(i)).area;
      place.covered = problem_.regions == 0 || place.area >= kFewestPositions;
      const double inverse = place.area > 0 ? 1 / place.area : 0;
      evaluator_->set_scalar(names::kInverseArea + style_place(i), inverse, 2);
    }
  }

  static const LayerMask& level_of(const std::vector<LayerMask>& masks, const std::string& layer) {
    return masks[static_cast<std::size_t>(block_of(layer) - 1)];
  }

  void apply_mask(Layer& place, const LayerMask& mask, const std::string& role,
                  const std::string& name) {
    place.area = mask.area;
    if (mask.values.empty()) return;
    evaluator_->set_input(role + names::kMask + name, mask.values,
                          {1, 1, place.shape.height, place.shape.width});
  }

  void set_style_layer(std::size_t index, const Moments& moments,
                       std::span<const StyleFeatures> features) {
    for (std::size_t t = 0; t < terms_; ++t) {
      const StyleLoss loss = problem_.style_losses[t];
      if (const FeatureLoss* of_features = feature_loss(loss)) {
        set_style_term(index, t, of_features->prepare(features, moments));
      } else if (matched_loss(loss) == nullptr) {
        set_style_term(index, t, moment_loss(loss).prepare(moments));
      }
    }
  }

  void set_style_term(std::size_t index, std::size_t t, StyleTarget target) {
    style_[index].terms[t].scale = target.scale;
    style_[index].terms[t].offset = target.offset;
    const std::string term = term_name(style_place(index), t);
    for (StyleTarget::Input& input : target.inputs) {
      evaluator_->set_input(style_input(input.name, term), std::move(input.values), input.shape);
    }
  }

  // Before anything is matched: a target that counts for nothing.
  void set_no_match(std::size_t index, std::size_t t) {
    const MatchedLoss* loss = matched_loss(problem_.style_losses[t]);
    if (loss == nullptr || !loss->at(style_layer(index))) return;
    const FeatureShape& shape = style_[index].shape;
    const std::size_t length = static_cast<std::size_t>(shape.channels) * loss->side * loss->side;
    const std::vector<float> nothing(shape.size()), patch(length);
    const std::vector<std::size_t> matches(shape.plane());
    StyleTarget target =
        loss->prepare({shape, nothing, {}}, {shape.channels, patch}, patch, matches);
    target.scale = target.offset = 0;
    set_style_term(index, t, std::move(target));
  }

  void set_patches(std::size_t index, std::size_t t, const MeasuredStyle& style) {
    const MatchedLoss* loss = matched_loss(problem_.style_losses[t]);
    if (loss == nullptr) return;
    const auto layers = style.patches.find(problem_.style_losses[t]);
    if (layers == style.patches.end()) return;
    const auto patches = layers->second.find(style_layer(index));
    if (patches == layers->second.end() || patches->second.values.empty()) return;
    style_[index].terms[t].matcher =
        std::make_unique<PatchMatcher>(*loss, patches->second, threads_);
  }

  void require_not_cancelled() const {
    if (cancelled_) throw Error("cancelled", "The job was cancelled.");
  }

  double style_weight(const Weights& weights, std::size_t index) const {
    const StyleLayer& place = style_[index];
    if (!place.covered || !place.has_target) return 0;
    const std::size_t layer = index / regions_;
    return weights.style * weights.style_layers[layer] * place.share /
           static_cast<double>(problem_.style_layers.size());
  }

  double content_weight(const Weights& weights, std::size_t index) const {
    return weights.content * weights.content_layers[index];
  }

  void require_size(std::span<const float> pixels) const {
    if (pixels.size() != 3 * plane()) throw Error("internal", "The picture has another size.");
  }

  void load_factors(const Weights& weights) {
    for (std::size_t i = 0; i < style_.size(); ++i) {
      for (std::size_t t = 0; t < terms_; ++t) {
        const double weight = style_weight(weights, i) * weights.style_terms[t];
        const double scale = style_[i].terms[t].scale;
        const std::string name = names::kStyleFactor + term_name(style_place(i), t);
        if (const MatchedLoss* matched = matched_loss(problem_.style_losses[t])) {
          if (matched->at(style_layer(i))) evaluator_->set_scalar(name, weight * scale, 4);
          continue;
        }
        evaluator_->set_scalar(name, weight == 0 ? 0 : style_factor(weight, scale, style_[i].area),
                               2);
      }
    }
    for (std::size_t i = 0; i < content_.size(); ++i) {
      for (std::size_t t = 0; t < content_terms_; ++t) {
        const double weight = content_weight(weights, i) * weights.content_terms[t];
        const double factor = content_factor(weight, content_[i].scales[t]);
        evaluator_->set_scalar(names::kContentFactor + term_name(problem_.content_layers[i], t),
                               factor, 4);
      }
    }
  }

  LossValues evaluate_with(const Weights& weights, std::span<const float> pixels,
                           std::span<float> gradient) {
    if (gradient.size() != pixels.size()) throw Error("internal", "The gradient has another size.");
    require_size(pixels);
    load_factors(weights);
    evaluator_->evaluate(pixels, gradient);
    LossValues losses;
    const std::span<const float> sums = evaluator_->sums();
    losses.style_terms.resize(terms_);
    for (std::size_t i = 0; i < style_.size(); i += regions_) {
      losses.style_layers.push_back(0);
      for (std::size_t t = 0; t < terms_; ++t) {
        double sum = 0;
        double share = 0;
        for (std::size_t place = i; place < i + regions_; ++place) {
          const StyleLayer& layer = style_[place];
          if (!layer.covered || !layer.has_target) continue;
          const double loss =
              layer.terms[t].scale * (sums[place * terms_ + t] + layer.terms[t].offset);
          losses.style += style_weight(weights, place) * weights.style_terms[t] * loss;
          sum += layer.share * loss;
          share += layer.share;
        }
        losses.style_terms[t].push_back(share > 0 ? sum / share : 0);
        losses.style_layers.back() += weights.style_terms[t] * losses.style_terms[t].back();
      }
    }
    losses.content_terms.resize(content_terms_);
    const std::span<const float> content_sums = sums.subspan(style_.size() * terms_);
    for (std::size_t i = 0; i < content_.size(); ++i) {
      losses.content_layers.push_back(0);
      for (std::size_t t = 0; t < content_terms_; ++t) {
        const double loss = content_[i].scales[t] * content_sums[i * content_terms_ + t];
        losses.content_terms[t].push_back(loss);
        losses.content_layers.back() += weights.content_terms[t] * loss;
      }
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
  int threads_;
  std::size_t regions_;  // at least one
  std::size_t terms_;
  std::vector<StyleLayer> style_;
  std::size_t content_terms_;
  std::vector<ContentLayer> content_;
  Weights weights_;
  std::atomic<bool> cancelled_ = false;
  std::unique_ptr<Evaluator> evaluator_;
};

void check_problem(const Network& network, const Problem& problem) {
  depth_of(network, problem.style_layers, problem.content_layers);
  if (problem.style_layers.empty() && problem.content_layers.empty()) {
    throw Error("bad-setting", "There must be at least one style or content layer.");
  }
  const auto looks_at = [&problem](const std::string& layer) {
    return std::any_of(problem.style_losses.begin(), problem.style_losses.end(),
                       [&layer](StyleLoss loss) {
                         return matched_loss(loss) == nullptr || matched_loss(loss)->at(layer);
                       });
  };
  if (!problem.style_layers.empty() &&
      std::none_of(problem.style_layers.begin(), problem.style_layers.end(), looks_at)) {
    throw Error("bad-setting", "Patches are compared at layers of blocks 3 and 4 alone.",
                "Choose relu3_1 or relu4_1 among --style-layers, or add another --style-loss.");
  }
  if (problem.style_losses.empty()) {
    throw Error("internal", "There must be at least one style loss.");
  }
  if (problem.height < 32 || problem.width < 32) {
    throw Error("bad-picture", "The picture is too small.",
                "Both sides must have at least 32 pixels.");
  }
}

}  // namespace

std::unique_ptr<Objective> open_objective(std::shared_ptr<const Network> network,
                                          const Problem& problem, const DeviceOptions& device,
                                          Between between) {
  check_problem(*network, problem);
  return std::make_unique<PictureObjective>(std::move(network), problem, device,
                                            std::move(between));
}

bool is_matched(const Problem& problem, const std::string& layer) {
  return std::any_of(problem.style_losses.begin(), problem.style_losses.end(),
                     [&layer](StyleLoss loss) {
                       const MatchedLoss* matched = matched_loss(loss);
                       return matched != nullptr && matched->at(layer);
                     });
}

bool is_matched(const Problem& problem) {
  return std::any_of(problem.style_losses.begin(), problem.style_losses.end(),
                     [](StyleLoss loss) { return matched_loss(loss) != nullptr; });
}

void drop_idle_objectives() { drop_idle_evaluators(); }

Evaluation evaluate_once(std::shared_ptr<const Network> network, const Problem& problem,
                         const Image& image, const MaskedImage& content,
                         std::span<const MaskedImage> styles, std::span<const Image> regions,
                         const Weights& weights, const DeviceOptions& device, int repeats) {
  Evaluation result;
  for (const MaskedImage& style : styles) {
    result.styles.push_back(measure_style(network, style.rgb, style.mask_or_null(),
                                          problem.style_layers, problem.pooling, problem.padding,
                                          device));
    measure_features(result.styles.back(), network, style.rgb, style.mask_or_null(), problem,
                     problem.style_layers, device);
  }
  const auto objective = open_objective(std::move(network), problem, device);
  objective->set_styles(result.styles);
  objective->set_content(content.rgb, content.mask_or_null(), regions);
  objective->rematch(image.data);
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
