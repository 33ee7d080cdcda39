// The pictures of one scale: what the network sees of content and styles, and what is shown of its
// work.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/settings.h"
#include "image/picture.h"
#include "objective/objective.h"
#include "optimize/regions.h"
#include "optimize/schedule.h"

namespace impasto {

struct Request;

// A request's pictures, alpha split off, before any scale.
struct Sources {
  struct Style {
    Picture picture;
    double weight = 0;
    std::optional<Image> source;      // which part of it counts, [1, any size]
    std::vector<std::string> layers;  // where it counts alone; none: where no other counts alone
  };
  std::shared_ptr<const Picture> content;  // at the result's size; seamless where the result is
  std::vector<Style> styles;               // at their own
  std::vector<Region> regions;             // none: all styles are one, everywhere
  std::optional<Image> protect;
  std::optional<Image> initial;

  bool masked() const;
};
Picture plain_content(const Request& request, Size result);
Sources open_sources(const Request& request, Size result);
// What is protected becomes the content's to the bit in `picture`, a result of the content's own
// size: also under transparent pixels, whose colors are made up while painting. Another size: as it
// is.
void keep_protected(const Request& request, Image& picture);
// What its sources make of the problem.
Parts parts_of(const Request& request);

class Scene {
 public:
  // `sources` and `settings` outlive the scene.
  Scene(const Sources& sources, const Settings& settings, Size size);

  Size size() const { return size_; }
  // Content and styles as the network sees them.
  Picture content() const { return {seen(content_->rgb), content_->alpha}; }
  // A style's alpha is what counts of it.
  Picture style(std::size_t index) const {
    return scaled(sources_.styles[index], region_of(index));
  }
  // The content with a margin (canvas.h), its light and dark alone when colors are kept.
  Picture canvas() const;
  // Places of the styles of a region, or of all where there are none.
  std::vector<std::size_t> styles_of(std::size_t region) const;
  // Those of them that make its target at a layer; none of weight 0.
  std::vector<std::size_t> styles_at(const std::string& layer, std::size_t region) const;
  // Where the descent starts, with a margin.
  Image first_picture() const;
  // The heaviest style stretched to the canvas: what the content loss is measured against.
  Image reference() const;
  // What each region has of the canvas, and of the picture without a margin.
  const std::vector<Image>& regions() const { return canvas_regions_; }
  const std::vector<Image>& region_masks() const { return regions_; }
  // What stays of the canvas as it is, if anything.
  const std::optional<Image>& protect() const { return canvas_protect_; }
  // What counts of it: what is neither transparent nor protected; none: all.
  const std::optional<Image>& visible() const { return visible_; }
  // The styles of each region as one, at this scale; measured, or from the cache.
  std::vector<MeasuredStyle> measured_styles(std::shared_ptr<const Network> network,
                                             const DeviceOptions& device, const Watch& watch) const;
  // A canvas as a person sees it: without its margin, with the content's edges when it is to be
  // photographic and the content's colors when they are kept, protected parts as they were.
  Image shown(const Image& canvas) const;

  // What people are to know of regions that are too small for a layer.
  // Throws Error("bad-request") when nothing can be painted where a mask wants it.
  std::vector<std::string> notes() const;

 private:
  Image extended(const Image& picture) const;
  Image seen(const Image& rgb) const;
  // Of a region, or of the whole picture. Its alpha is what counts of it.
  Picture scaled(const Sources::Style& style, std::size_t region) const;
  std::size_t region_count() const;
  std::size_t region_of(std::size_t style) const;
  const Sources::Style& heaviest_style(std::size_t region) const;
  const Image* region_mask(std::size_t region) const;
  // The style layers of a region that some style is for, and those that it is large enough for.
  std::vector<std::string> wanted_layers(std::size_t region) const;
  std::vector<std::string> layers_of(std::size_t region) const;
  std::vector<std::string> layers_of_style(const Sources::Style& style, std::size_t region) const;
  Image with_style_colors() const;

  const Sources& sources_;
  const Settings& settings_;
  Size size_;
  std::shared_ptr<const Picture> content_;
  std::optional<Image> visible_;  // of the content, what counts; none: all
  std::optional<Image> protect_;
  std::optional<Image> canvas_protect_;
  std::vector<Image> regions_;
  std::vector<Image> canvas_regions_;
};

// Of the settings, or the network's own.
Pooling pooling_of(const Settings& settings, const Network& network);

}  // namespace impasto
