#include "optimize/scene.h"

#include <algorithm>
#include <string>
#include <utility>

#include "image/canvas.h"
#include "image/color.h"
#include "image/noise.h"
#include "image/resize.h"
#include "optimize/engine.h"
#include "optimize/style_cache.h"

namespace impasto {

Sources open_sources(const Request& request, Size result) {
  Sources sources;
  sources.content = resize(split_alpha(request.content), result.width, result.height);
  for (const WeightedPicture& style : request.styles) {
    sources.styles.push_back({split_alpha(style.picture), style.weight});
  }
  if (request.initial) sources.initial = split_alpha(*request.initial).rgb;
  return sources;
}

Scene::Scene(const Sources& sources, const Settings& settings, Size size)
    : sources_(sources),
      settings_(settings),
      size_(size),
      content_(resize(sources.content, size.width, size.height)) {
  canvas_.rgb = extend(seen(content_.rgb));
  if (content_.alpha) canvas_.alpha = extend(*content_.alpha);
}

Image Scene::seen(const Image& rgb) const {
  return settings_.colors == Colors::kKeep ? luminance(rgb) : rgb;
}

Picture Scene::scaled(const Picture& style) const {
  const Size size = style_size({style.rgb.width, style.rgb.height}, size_, settings_.style_scale);
  Picture result = resize(style, size.width, size.height);
  if (settings_.colors == Colors::kKeep) {
    result.rgb = match_luminance(luminance(result.rgb), luminance(content_.rgb));
  }
  return result;
}

const Picture& Scene::heaviest_style() const {
  return std::max_element(sources_.styles.begin(), sources_.styles.end(),
                          [](const auto& a, const auto& b) { return a.weight < b.weight; })
      ->picture;
}

Image Scene::first_picture() const {
  switch (settings_.init) {
    case Init::kContent:
      break;
    case Init::kNoise:
      return extend(noise(size_.width, size_.height, settings_.seed));
    case Init::kStyleColors:
      return extend(match_colors(seen(content_.rgb), scaled(heaviest_style()).rgb));
    case Init::kImage: {
      Image image = resize(sources_.initial.value(), size_.width, size_.height);
      clamp_to_unit(image);
      return extend(seen(image));
    }
  }
  return canvas_.rgb;
}

Image Scene::reference() const {
  Image image = resize(scaled(heaviest_style()).rgb, canvas_.rgb.width, canvas_.rgb.height);
  clamp_to_unit(image);
  return image;
}

MeasuredStyle Scene::measured_style(std::shared_ptr<const Network> network,
                                    const DeviceOptions& device, const Watch& watch) const {
  const Pooling pooling = pooling_of(settings_, *network);
  std::vector<MeasuredStyle> styles;
  std::vector<double> weights;
  for (const Sources::Style& style : sources_.styles) {
    const Picture picture = scaled(style.picture);
    std::string key = content_key(picture) + network->identity;
    for (const std::string& layer : settings_.style_layers) key += ":" + layer;
    key += ":" + std::to_string(static_cast<int>(pooling)) +
           std::to_string(static_cast<int>(settings_.padding));
    styles.push_back(cached_style(key, [&] {
      return measure_style(network, picture.rgb, picture.alpha ? &*picture.alpha : nullptr,
                           settings_.style_layers, pooling, settings_.padding, device, watch);
    }));
    weights.push_back(style.weight);
  }
  return blend(settings_.style_loss, styles, weights);
}

Image Scene::shown(const Image& canvas) const {
  Image picture = crop(canvas);
  return settings_.colors == Colors::kKeep ? replace_luminance(content_.rgb, picture) : picture;
}

Pooling pooling_of(const Settings& settings, const Network& network) {
  return settings.pooling.value_or(network.pooling.value_or(Pooling::kAverage));
}

}  // namespace impasto
