#include "objective/tiled_evaluator.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "objective/content_loss.h"

namespace impasto {
namespace {

// Of the work of an evaluation, what the first pass is: a pass back takes twice one forward.
constexpr double kFirstPass = 0.25;

const std::string kStyleMask = std::string("style_") + names::kMask;
const std::string kContentMask = std::string("content_") + names::kMask;

// What follows `prefix`, if it does.
std::optional<std::string> after(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  return name.substr(prefix.size());
}

}  // namespace

TiledEvaluator::TiledEvaluator(std::shared_ptr<const Network> network, const Problem& problem,
                               Windows tiles, const DeviceOptions& device, Between between)
    : network_(std::move(network)),
      flipped_(flipped_filters(network_)),
      problem_(problem),
      tiles_(std::move(tiles)),
      tile_problem_(problem_of_tile(problem, tiles_)),
      device_(device),
      between_(std::move(between)) {
  const auto shapes = feature_shapes(*network_, tiles_.height, tiles_.width);
  for (StylePlace& place : style_places(problem)) {
    const FeatureShape& shape = shapes[layer_index(*network_, place.layer)];
    const std::size_t channels = static_cast<std::size_t>(shape.channels);
    styles_.push_back({std::move(place), shape, std::vector<float>(shape.plane()),
                       std::vector<float>(channels), std::vector<float>(channels * channels),
                       std::vector<float>(channels * channels),
                       std::vector<float>(channels * channels), std::vector<float>(channels)});
  }
  for (const std::string& layer : problem.content_layers) {
    const FeatureShape& shape = shapes[layer_index(*network_, layer)];
    contents_.push_back({layer, shape, std::vector<float>(shape.plane()),
                         std::vector<float>(shape.size()),
                         std::vector<StoredMaps>(tiles_.list.size())});
  }
  pixels_.resize(3 * static_cast<std::size_t>(tiles_.height + 2) * (tiles_.width + 2));
  gradient_.resize(pixels_.size());
  content_sums_.resize(contents_.size());
  style_sums_ = styles_.size() * problem.style_losses.size();
  sums_.resize(style_sums_ + contents_.size());
  open_sessions();
}

void TiledEvaluator::open_sessions() {
  const ort::SessionConfig config{device_.kind, device_.threads};
  const Shape padded = {1, 3, tiles_.height + 2, tiles_.width + 2};
  gradients_ = std::make_unique<ort::Session>(
      build_tile_gradient_model(*network_, *flipped_, tile_problem_), config);
  gradients_->bind_changing_input(names::kPixels, pixels_, padded);
  gradients_->bind_output(names::kGradient, gradient_, padded);
  for (Content& content : contents_) {
    const FeatureShape& shape = content.shape;
    gradients_->bind_changing_input(names::kContentTarget + content.layer, content.target,
                                    {1, shape.channels, shape.height, shape.width});
    gradients_->bind_changing_input(kContentMask + content.layer, content.mask,
                                    {1, 1, shape.height, shape.width});
  }
  if (!contents_.empty()) {
    gradients_->bind_output(names::kSums, content_sums_,
                            {static_cast<std::int64_t>(content_sums_.size()), 1});
  }
  if (styles_.empty()) return;
  moments_ =
      std::make_unique<TileMoments>(network_, problem_, tiles_, style_places(problem_), device_);
  slopes_ = std::make_unique<ort::Session>(build_slopes_model(*network_, problem_), config);
  slopes_->bind_output(names::kSums, std::span(sums_).first(style_sums_),
                       {static_cast<std::int64_t>(style_sums_), 1});
  for (Style& style : styles_) {
    const std::string& name = style.names.name;
    const std::int64_t channels = style.shape.channels;
    gradients_->bind_changing_input(kStyleMask + name, style.mask,
                                    {1, 1, style.shape.height, style.shape.width});
    slopes_->bind_output(names::kSlope + name, style.slope, {channels, channels});
    if (!needs(problem_, MomentKind::kCovariance)) continue;
    slopes_->bind_output(names::kOffset + name, style.offset, {channels, 1});
  }
}

void TiledEvaluator::set_input(const std::string& name, std::vector<float> values,
                               const Shape& shape) {
  if (const auto place = after(name, kStyleMask)) {
    style_masks_[*place] = std::move(values);
  } else if (const auto layer = after(name, kContentMask)) {
    content_masks_[*layer] = std::move(values);
  } else if (!after(name, names::kInverseArea)) {  // moments count their areas themselves
    std::vector<float>& place = inputs_[name];
    place = std::move(values);
    const bool content = after(name, names::kContentFactor).has_value();
    (content ? *gradients_ : *slopes_).bind_input(name, place, shape);
  }
}

void TiledEvaluator::before_tile(double share) {
  if (cancelled_) throw Error("cancelled", "The job was cancelled.");
  if (between_) between_(share);
}

void TiledEvaluator::load_tile(std::span<const float> pixels, const Window& tile) {
  normalize_and_pad(pixels, problem_.height, problem_.width, frame_of(tiles_, tile), *network_,
                    problem_.padding, pixels_);
}

Inside TiledEvaluator::inside(const Window& tile, const std::string& layer) const {
  return inside_of(tile, block_of(layer), problem_.height, problem_.width);
}

void TiledEvaluator::fill_mask(const Window& tile, const std::string& layer,
                               const FeatureShape& shape, const Masks& wholes,
                               const std::string& name, std::span<float> mask) {
  const auto whole = wholes.find(name);
  fill_tile_mask(
      tile, block_of(layer), inside(tile, layer),
      whole == wholes.end() ? std::span<const float>() : std::span<const float>(whole->second),
      problem_.width >> (block_of(layer) - 1), shape.width, mask);
}

std::vector<double> TiledEvaluator::set_content(std::span<const float> pixels) {
  std::vector<double> energies(contents_.size());
  Measurement measurement;
  measurement.height = tiles_.height;
  measurement.width = tiles_.width;
  measurement.content_layers = problem_.content_layers;
  measurement.pooling = problem_.pooling;
  ort::Session session(build_measurement_model(*network_, measurement),
                       ort::SessionConfig{device_.kind, device_.threads});
  session.bind_changing_input(names::kPixels, pixels_, {1, 3, tiles_.height + 2, tiles_.width + 2});
  for (Content& content : contents_) {
    const FeatureShape& shape = content.shape;
    session.bind_output(content.layer, content.target,
                        {1, shape.channels, shape.height, shape.width});
  }
  for (std::size_t t = 0; t < tiles_.list.size(); ++t) {
    const Window& tile = tiles_.list[t];
    before_tile(0);
    load_tile(pixels, tile);
    session.run();
    for (std::size_t i = 0; i < contents_.size(); ++i) {
      Content& content = contents_[i];
      fill_mask(tile, content.layer, content.shape, content_masks_, content.layer, content.mask);
      energies[i] += content_energy(content.target, content.shape.plane(), content.mask);
      content.targets[t] = StoredMaps(content.target, content.shape, inside(tile, content.layer));
    }
  }
  return energies;
}

std::map<std::string, std::vector<float>> TiledEvaluator::features(
    std::span<const float>, const std::vector<std::string>&) {
  throw Error("internal", "What is matched is not painted in tiles.");
}

void TiledEvaluator::compute_slopes(const Gaussians& moments) {
  for (Style& style : styles_) {
    const std::string& name = style.names.name;
    const Gaussian& gaussian = moments.at(name);
    const std::int64_t channels = style.shape.channels;
    std::copy(gaussian.mean.begin(), gaussian.mean.end(), style.mean.begin());
    std::copy(gaussian.covariance.begin(), gaussian.covariance.end(), style.covariance.begin());
    const std::vector<double> gram = raw_second_moments(gaussian);
    std::copy(gram.begin(), gram.end(), style.gram.begin());
    if (needs(problem_, MomentKind::kCovariance)) {
      slopes_->bind_input(names::kMean + name, style.mean, {channels, 1});
      slopes_->bind_input(names::kCovariance + name, style.covariance, {channels, channels});
    }
    if (needs(problem_, MomentKind::kGram)) {
      slopes_->bind_input(names::kGram + name, style.gram, {channels, channels});
    }
  }
  slopes_->run();
  for (Style& style : styles_) {
    const std::string& name = style.names.name;
    const std::int64_t channels = style.shape.channels;
    gradients_->bind_input(names::kSlope + name, style.slope, {channels, channels});
    if (!needs(problem_, MomentKind::kCovariance)) continue;
    gradients_->bind_input(names::kOffset + name, style.offset, {channels, 1});
  }
}

void TiledEvaluator::evaluate(std::span<const float> pixels, std::span<float> gradient) {
  const double count = static_cast<double>(tiles_.list.size());
  if (moments_) {
    compute_slopes(moments_->measure(pixels, style_masks_, [&](std::size_t tile) {
      before_tile(kFirstPass * static_cast<double>(tile) / count);
    }));
  }
  std::fill(gradient.begin(), gradient.end(), 0.0f);
  std::vector<double> content_sums(contents_.size());
  for (std::size_t t = 0; t < tiles_.list.size(); ++t) {
    before_tile(kFirstPass + (1 - kFirstPass) * static_cast<double>(t) / count);
    const Window& tile = tiles_.list[t];
    load_tile(pixels, tile);
    for (Style& style : styles_) {
      fill_mask(tile, style.names.layer, style.shape, style_masks_, style.names.name, style.mask);
    }
    for (Content& content : contents_) {
      fill_mask(tile, content.layer, content.shape, content_masks_, content.layer, content.mask);
      content.targets[t].write_to(content.target, content.shape);
    }
    gradients_->run();
    fold_gradient(gradient_, problem_.height, problem_.width, frame_of(tiles_, tile), *network_,
                  problem_.padding, gradient);
    for (std::size_t i = 0; i < contents_.size(); ++i) content_sums[i] += content_sums_[i];
  }
  gradients_->shrink();
  std::copy(content_sums.begin(), content_sums.end(),
            sums_.begin() + static_cast<std::ptrdiff_t>(style_sums_));
}

void TiledEvaluator::cancel() {
  cancelled_ = true;
  gradients_->cancel();
  if (!moments_) return;
  moments_->session().cancel();
  slopes_->cancel();
}

void TiledEvaluator::reset_cancel() {
  cancelled_ = false;
  gradients_->reset_cancel();
  if (!moments_) return;
  moments_->session().reset_cancel();
  slopes_->reset_cancel();
}

}  // namespace impasto
