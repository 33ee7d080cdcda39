#include "optimize/scene.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "image/canvas.h"
#include "image/color.h"
#include "image/guided_filter.h"
#include "image/noise.h"
#include "image/protect.h"
#include "image/resize.h"
#include "optimize/engine.h"
#include "optimize/region_notes.h"
#include "optimize/style_cache.h"

namespace impasto {

bool Sources::masked() const {
  return protect || !regions.empty() ||
         std::any_of(styles.begin(), styles.end(), [](const Style& s) { return s.source; });
}

namespace {

template <typename T>
bool contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::vector<Region> regions_of(const Request& request) {
  std::vector<RegionWish> wishes;
  for (const StyleRequest& style : request.styles) {
    wishes.push_back({style.region ? &*style.region : nullptr, style.weight});
  }
  return group_regions(wishes);
}

}  // namespace

Parts parts_of(const Request& request) {
  return {has_alpha(request.content) || request.protect,
          static_cast<int>(regions_of(request).size())};
}

Picture plain_content(const Request& request, Size result) {
  return resize(split_alpha(request.content), result.width, result.height);
}

Sources open_sources(const Request& request, Size result) {
  Sources sources;
  Picture content = plain_content(request, result);
  join_sides(content.rgb, request.settings.seamless);
  sources.content = std::make_shared<const Picture>(std::move(content));
  for (const StyleRequest& style : request.styles) {
    sources.styles.push_back(
        {split_alpha(style.picture), style.weight, style.source, style.layers});
  }
  sources.regions = regions_of(request);
  sources.protect = request.protect;
  if (request.initial) sources.initial = split_alpha(*request.initial).rgb;
  return sources;
}

namespace {

Image protect_at(const Image& protect, Size size) {
  Image mask = scaled_mask(protect, size);
  snap_ends(mask);
  return mask;
}

// The same one where it has the size.
std::shared_ptr<const Picture> of_size(const std::shared_ptr<const Picture>& picture, Size size) {
  if (picture->rgb.width == size.width && picture->rgb.height == size.height) return picture;
  return std::make_shared<const Picture>(resize(*picture, size.width, size.height));
}

}  // namespace

void keep_protected(const Request& request, Image& picture) {
  const Image& content = request.content;
  const Size size{picture.width, picture.height};
  if (!request.protect || Size{content.width, content.height} != size) return;
  put_back(content, protect_at(*request.protect, size), picture.data);
}

Scene::Scene(const Sources& sources, const Settings& settings, Size size)
    : sources_(sources),
      settings_(settings),
      size_(size),
      content_(of_size(sources.content, size)),
      visible_(content_->alpha) {
  if (sources.protect) {
    protect_ = protect_at(*sources.protect, size);
    canvas_protect_ = extended(*protect_);
    if (!visible_) visible_ = Image{1, size.height, size.width, {}};
    visible_->data.resize(visible_->plane(), 1);
    hold_back(*protect_, visible_->data);
  }
  regions_ = share_pixels(sources.regions, size, visible_ ? &*visible_ : nullptr);
  for (const Image& region : regions_) canvas_regions_.push_back(extended(region));
}

Image Scene::extended(const Image& picture) const { return extend(picture, settings_.seamless); }

Picture Scene::canvas() const {
  Picture canvas{extended(seen(content_->rgb)), {}};
  if (visible_) canvas.alpha = extended(*visible_);
  return canvas;
}

Image Scene::seen(const Image& rgb) const {
  return settings_.colors == Colors::kKeep ? luminance(rgb) : rgb;
}

Picture Scene::scaled(const Sources::Style& style, std::size_t region) const {
  const Image& rgb = style.picture.rgb;
  const Size size = style_size({rgb.width, rgb.height}, size_, settings_.style_scale);
  Picture result = resize(style.picture, size.width, size.height);
  if (style.source) {
    const Image source = scaled_mask(*style.source, size);
    if (!result.alpha)
      result.alpha = source;
    else
      std::transform(source.data.begin(), source.data.end(), result.alpha->data.begin(),
                     result.alpha->data.begin(), std::multiplies<>());
  }
  // Its own alpha counts only where it is a mask: see region_mask.
  const Image* counts = style.source ? &*result.alpha : nullptr;
  switch (settings_.colors) {
    case Colors::kStyle:
      break;
    case Colors::kKeep:
      result.rgb = match_luminance(luminance(result.rgb), luminance(content_->rgb), counts,
                                   region_mask(region));
      break;
    case Colors::kKeepLinear:
      result.rgb = match_colors(result.rgb, content_->rgb, counts, region_mask(region));
      break;
    case Colors::kKeepHistogram:
      result.rgb = match_histograms(result.rgb, content_->rgb, counts, region_mask(region));
      break;
  }
  return result;
}

std::size_t Scene::region_count() const { return std::max<std::size_t>(1, regions_.size()); }

std::vector<std::size_t> Scene::styles_of(std::size_t region) const {
  if (!sources_.regions.empty()) return sources_.regions[region].styles;
  std::vector<std::size_t> all(sources_.styles.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::size_t Scene::region_of(std::size_t style) const {
  for (std::size_t region = 0; region < sources_.regions.size(); ++region) {
    if (contains(sources_.regions[region].styles, style)) return region;
  }
  return 0;
}

const Sources::Style& Scene::heaviest_style(std::size_t region) const {
  const std::vector<std::size_t> styles = styles_of(region);
  return sources_.styles[*std::max_element(styles.begin(), styles.end(), [this](auto a, auto b) {
    return sources_.styles[a].weight < sources_.styles[b].weight;
  })];
}

// Where a region's colors are looked at; null: everywhere. Transparent pixels without a mask count
// as they always did.
const Image* Scene::region_mask(std::size_t region) const {
  if (!regions_.empty()) return &regions_[region];
  return protect_ ? &*visible_ : nullptr;
}

Image Scene::first_picture() const {
  switch (settings_.init) {
    case Init::kContent:
      break;
    case Init::kNoise:
      return extended(noise(size_.width, size_.height, settings_.seed));
    case Init::kStyleColors:
      return extended(with_style_colors());
    case Init::kImage: {
      Image image = resize(sources_.initial.value(), size_.width, size_.height);
      clamp_to_unit(image);
      return extended(seen(image));
    }
  }
  return canvas().rgb;
}

Image Scene::with_style_colors() const {
  const Image content = seen(content_->rgb);
  const auto matched = [&](std::size_t region) {
    const Sources::Style& style = heaviest_style(region);
    const Picture picture = scaled(style, region);
    return match_colors(content, picture.rgb, region_mask(region),
                        style.source ? &*picture.alpha : nullptr);
  };
  if (regions_.empty()) return matched(0);
  Image result = content;
  for (std::size_t region = 0; region < regions_.size(); ++region) {
    const Image colors = matched(region);
    for (std::size_t i = 0; i < result.data.size(); ++i) {
      const float share = regions_[region].data[i % result.plane()];
      result.data[i] += share * (colors.data[i] - content.data[i]);
    }
  }
  clamp_to_unit(result);
  return result;
}

Image Scene::reference() const {
  std::size_t heaviest = 0;
  for (std::size_t region = 1; region < regions_.size(); ++region) {
    if (heaviest_style(region).weight > heaviest_style(heaviest).weight) heaviest = region;
  }
  const Picture style = scaled(heaviest_style(heaviest), heaviest);
  Image image =
      resize(style.rgb, size_.width + 2 * kCanvasMargin, size_.height + 2 * kCanvasMargin);
  clamp_to_unit(image);
  return image;
}

std::vector<std::string> Scene::layers_of_style(const Sources::Style& style,
                                                std::size_t region) const {
  if (!style.source) return settings_.style_layers;
  return supported_layers(settings_.style_layers, *scaled(style, region).alpha);
}

std::vector<std::size_t> Scene::styles_at(const std::string& layer, std::size_t region) const {
  std::vector<std::size_t> alone, others;
  for (const std::size_t place : styles_of(region)) {
    const Sources::Style& style = sources_.styles[place];
    if (style.weight == 0) continue;
    if (contains(style.layers, layer)) alone.push_back(place);
    if (style.layers.empty()) others.push_back(place);
  }
  return alone.empty() ? others : alone;
}

std::vector<std::string> Scene::wanted_layers(std::size_t region) const {
  std::vector<std::string> layers = settings_.style_layers;
  std::erase_if(layers, [&](const std::string& layer) { return styles_at(layer, region).empty(); });
  return layers;
}

std::vector<std::string> Scene::layers_of(std::size_t region) const {
  std::vector<std::string> layers = wanted_layers(region);
  if (!regions_.empty()) layers = supported_layers(layers, canvas_regions_[region]);
  for (const std::size_t place : styles_of(region)) {
    const auto has = layers_of_style(sources_.styles[place], region);
    std::erase_if(layers, [&](const std::string& layer) {
      return !contains(has, layer) && contains(styles_at(layer, region), place);
    });
  }
  return layers;
}

std::vector<MeasuredStyle> Scene::measured_styles(std::shared_ptr<const Network> network,
                                                  const DeviceOptions& device,
                                                  const Watch& watch) const {
  const Pooling pooling = pooling_of(settings_, *network);
  Problem problem;
  problem.pooling = pooling;
  problem.padding = settings_.padding;
  problem.style_losses = losses_of(settings_.style_terms);
  std::vector<MeasuredStyle> result;
  for (std::size_t region = 0; region < region_count(); ++region) {
    std::map<std::size_t, std::vector<std::string>> layers_by_style;
    for (const std::string& layer : layers_of(region)) {
      for (const std::size_t place : styles_at(layer, region)) {
        layers_by_style[place].push_back(layer);
      }
    }
    std::vector<MeasuredStyle> styles;
    std::vector<double> weights;
    for (const auto& [place, layers] : layers_by_style) {
      const Sources::Style& style = sources_.styles[place];
      const Picture picture = scaled(style, region);
      std::string key = content_key(picture) + network->identity;
      for (const std::string& layer : layers) key += ":" + layer;
      key += ":" + std::to_string(static_cast<int>(pooling)) +
             std::to_string(static_cast<int>(settings_.padding));
      const Image* mask = picture.alpha ? &*picture.alpha : nullptr;
      styles.push_back(cached_style(key, [&] {
        return measure_style(network, picture.rgb, mask, layers, pooling, settings_.padding, device,
                             watch);
      }));
      measure_features(styles.back(), network, picture.rgb, mask, problem, layers, device, watch);
      weights.push_back(style.weight);
    }
    result.push_back(blend(styles, weights));
  }
  return result;
}

Image Scene::shown(const Image& canvas) const {
  Image picture = crop(canvas);
  if (settings_.photoreal == Photoreal::kGuided) {
    picture = guided_filter(picture, content_->rgb, settings_.photoreal_share);
  }
  if (settings_.colors == Colors::kKeep) picture = replace_luminance(content_->rgb, picture);
  if (protect_) put_back(content_->rgb, *protect_, picture.data);
  return picture;
}

std::vector<std::string> Scene::notes() const {
  if (visible_) require_paintable(*visible_);
  std::vector<std::string> notes;
  if (!sources_.masked()) return notes;
  for (std::size_t region = 0; region < region_count(); ++region) {
    const std::string name = name_styles(styles_of(region), sources_.styles.size());
    const std::vector<std::string> has = layers_of(region);
    if (has.empty()) refuse_small_part(name);
    const std::string note = note_missing_layers(name, wanted_layers(region), has);
    if (!note.empty()) notes.push_back(note);
  }
  return notes;
}

Pooling pooling_of(const Settings& settings, const Network& network) {
  return settings.pooling.value_or(network.pooling.value_or(Pooling::kAverage));
}

}  // namespace impasto
