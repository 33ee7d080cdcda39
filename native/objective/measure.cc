#include "objective/measure.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "objective/border.h"
#include "objective/mask.h"
#include "objective/tile_moments.h"
#include "objective/total_variation.h"
#include "ort/session.h"

namespace impasto {
namespace {

double mean_squared_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sum += difference * difference;
  }
  return sum / static_cast<double>(a.size());
}

void check_size(const Image& image, const char* which) {
  if (image.height < 32 || image.width < 32) {
    throw Error("bad-picture", std::string("The ") + which + " picture is too small.",
                "Both sides must have at least 32 pixels.");
  }
}

Moments raw_moments(const Gaussian& gaussian) {
  const std::vector<double> gram = raw_second_moments(gaussian);
  return {static_cast<int>(gaussian.channels()),
          {gaussian.mean.begin(), gaussian.mean.end()},
          {gram.begin(), gram.end()}};
}

// Of a picture that is larger than the device's options take at once; else nothing.
std::optional<MeasuredStyle> measure_in_tiles(std::shared_ptr<const Network> network,
                                              const Image& style, const Image* mask,
                                              const std::vector<std::string>& layers,
                                              Pooling pooling, Padding padding,
                                              const DeviceOptions& device, const Watch& watch) {
  if (device.tile == 0) return std::nullopt;
  Problem problem;
  problem.height = style.height;
  problem.width = style.width;
  problem.style_layers = layers;
  problem.pooling = pooling;
  problem.padding = padding;
  const Windows tiles = cut_into_tiles(*network, problem, device.tile);
  if (tiles.list.size() == 1) return std::nullopt;
  TileMoments::Masks masks;
  if (mask != nullptr) {
    const auto levels = block_masks(mask->data, mask->height, mask->width, 5);
    for (const std::string& layer : layers) {
      const LayerMask& level = levels[static_cast<std::size_t>(block_of(layer) - 1)];
      require_visible(level);
      masks[layer] = level.values;
    }
  }
  TileMoments moments(std::move(network), problem, tiles, style_places(problem), device);
  const Watched watched(watch, moments.session());
  MeasuredStyle result;
  for (const auto& [layer, gaussian] : moments.measure(style.data, masks, {})) {
    result.layers[layer] = raw_moments(gaussian);
  }
  return result;
}

}  // namespace

Measured measure(std::shared_ptr<const Network> network, const Image& picture, const Image* mask,
                 Measurement measurement, Padding padding, const DeviceOptions& device,
                 const Watch& watch) {
  measurement.height = picture.height;
  measurement.width = picture.width;
  measurement.masked = mask != nullptr;
  if (picture.data.size() != 3 * picture.plane() ||
      (mask != nullptr && mask->data.size() != picture.plane())) {
    throw Error("internal", "A picture or its mask has not the size that it names.");
  }
  const auto shapes = feature_shapes(*network, picture.height, picture.width);
  const auto masks =
      block_masks(mask == nullptr ? std::span<const float>() : std::span<const float>(mask->data),
                  picture.height, picture.width, kBlocks);

  // Everything that the session points to stands before it, and so outlives it.
  std::vector<float> pixels(3 * static_cast<std::size_t>(picture.height + 2) *
                            static_cast<std::size_t>(picture.width + 2));
  normalize_and_pad(picture.data, picture.height, picture.width,
                    {0, 0, picture.height, picture.width}, *network, padding, pixels);
  std::map<std::string, std::vector<float>> inputs;
  Measured result;
  ort::Session session(build_measurement_model(*network, measurement),
                       ort::SessionConfig{device.kind, device.threads});
  session.bind_input(names::kPixels, pixels, {1, 3, picture.height + 2, picture.width + 2});
  for (const std::string& layer : measurement.style_layers) {
    const FeatureShape& shape = shapes[layer_index(*network, layer)];
    const LayerMask& level = masks[static_cast<std::size_t>(block_of(layer) - 1)];
    require_visible(level);
    std::vector<float>& inverse_area = inputs[names::kInverseArea + layer];
    inverse_area = {static_cast<float>(1 / level.area)};
    session.bind_input(names::kInverseArea + layer, inverse_area, {1, 1});
    if (mask != nullptr) {
      std::vector<float>& values = inputs[names::kMask + layer];
      values = level.values;
      session.bind_input(std::string("style_") + names::kMask + layer, values,
                         {1, 1, shape.height, shape.width});
    }
    Moments& moments = result.style[layer];
    const std::size_t channels = static_cast<std::size_t>(shape.channels);
    moments = {shape.channels, std::vector<float>(channels),
               std::vector<float>(channels * channels)};
    session.bind_output(names::kMean + layer, moments.mean, {shape.channels, 1});
    session.bind_output(names::kGram + layer, moments.gram, {shape.channels, shape.channels});
  }
  for (const std::string& layer : measurement.content_layers) {
    const FeatureShape& shape = shapes[layer_index(*network, layer)];
    std::vector<float>& features = result.content[layer];
    features.resize(shape.size());
    session.bind_output(layer, features, {1, shape.channels, shape.height, shape.width});
  }
  const Watched watched(watch, session);
  session.run();
  return result;
}

MeasuredStyle measure_style(std::shared_ptr<const Network> network, const Image& style,
                            const Image* mask, const std::vector<std::string>& layers,
                            Pooling pooling, Padding padding, const DeviceOptions& device,
                            const Watch& watch) {
  check_size(style, "style");
  if (layers.empty()) return {};
  if (auto tiled =
          measure_in_tiles(network, style, mask, layers, pooling, padding, device, watch)) {
    return *tiled;
  }
  Measurement measurement;
  measurement.style_layers = layers;
  measurement.pooling = pooling;
  return {
      measure(std::move(network), style, mask, measurement, padding, device, watch).style, {}, {}};
}

void measure_features(MeasuredStyle& measured, std::shared_ptr<const Network> network,
                      const Image& style, const Image* mask, const Problem& problem,
                      const std::vector<std::string>& layers, const DeviceOptions& device,
                      const Watch& watch) {
  Measurement measurement;
  measurement.pooling = problem.pooling;
  for (const std::string& layer : layers) {
    if (is_matched(problem, layer) || need_features(problem.style_losses)) {
      measurement.content_layers.push_back(layer);
    }
  }
  if (measurement.content_layers.empty()) return;
  const auto shapes = feature_shapes(*network, style.height, style.width);
  const auto masks =
      block_masks(mask == nullptr ? std::span<const float>() : std::span<const float>(mask->data),
                  style.height, style.width, kBlocks);
  Measured features = measure(network, style, mask, measurement, problem.padding, device, watch);
  for (const std::string& layer : measurement.content_layers) {
    const FeatureMap map{shapes[layer_index(*network, layer)], features.content.at(layer),
                         masks[static_cast<std::size_t>(block_of(layer) - 1)].values};
    for (const StyleLoss loss : problem.style_losses) {
      const MatchedLoss* matched = matched_loss(loss);
      if (matched == nullptr || !matched->at(layer)) continue;
      measured.patches[loss][layer] = cut_patches(*matched, map);
    }
    if (!need_features(problem.style_losses)) continue;
    const int channels = map.shape.channels;
    const std::vector<float> weights(map.mask.begin(), map.mask.end());
    measured.features[layer] = {{channels, std::move(features.content.at(layer)), weights, 1}};
  }
}

CanonicalLosses evaluate_canonical(std::shared_ptr<const Network> network, const Image& image,
                                   const Image& content, const Image& style,
                                   const std::vector<std::string>& style_layers,
                                   const std::vector<std::string>& content_layers, Pooling pooling,
                                   const DeviceOptions& device) {
  check_size(image, "result");
  check_size(style, "style");
  if (image.height != content.height || image.width != content.width) {
    throw Error("bad-picture",
                "The picture has " + std::to_string(image.width) + "×" +
                    std::to_string(image.height) + " pixels and the content " +
                    std::to_string(content.width) + "×" + std::to_string(content.height) + ".",
                "Both must have the same size.");
  }
  Measurement of_style;
  of_style.style_layers = style_layers;
  of_style.pooling = pooling;
  Measurement of_content;
  of_content.content_layers = content_layers;
  of_content.pooling = pooling;
  Measurement of_image = of_style;
  of_image.content_layers = content_layers;

  CanonicalLosses losses;
  const Measured seen = measure(network, image, nullptr, of_image, Padding::kZero, device);
  if (!content_layers.empty()) {
    const Measured wanted = measure(network, content, nullptr, of_content, Padding::kZero, device);
    for (const std::string& layer : content_layers) {
      losses.content[layer] =
          mean_squared_difference(seen.content.at(layer), wanted.content.at(layer));
    }
  }
  if (!style_layers.empty()) {
    const Measured wanted = measure(network, style, nullptr, of_style, Padding::kZero, device);
    for (const std::string& layer : style_layers) {
      losses.style[layer] =
          mean_squared_difference(seen.style.at(layer).gram, wanted.style.at(layer).gram);
    }
  }
  std::vector<float> unused(image.data.size());
  losses.tv_l1 = total_variation(image.data, image.height, image.width, TvNorm::kL1, 0, unused);
  losses.tv_l2 = total_variation(image.data, image.height, image.width, TvNorm::kL2, 0, unused);
  return losses;
}

}  // namespace impasto
