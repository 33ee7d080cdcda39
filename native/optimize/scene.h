// The pictures of one scale: what the network sees of content and styles, and what is shown of its
// work.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/settings.h"
#include "image/picture.h"
#include "objective/objective.h"
#include "optimize/schedule.h"

namespace impasto {

struct Request;

// A request's pictures, alpha split off, before any scale.
struct Sources {
  struct Style {
    Picture picture;
    double weight = 0;
  };
  Picture content;            // at the result's size
  std::vector<Style> styles;  // at their own
  std::optional<Image> initial;
};
Sources open_sources(const Request& request, Size result);

class Scene {
 public:
  // `sources` and `settings` outlive the scene.
  Scene(const Sources& sources, const Settings& settings, Size size);

  Size size() const { return size_; }
  // Content and styles as the network sees them.
  Picture content() const { return {seen(content_.rgb), content_.alpha}; }
  Picture style(std::size_t index) const { return scaled(sources_.styles[index].picture); }
  // The content with a margin (canvas.h), its light and dark alone when colors are kept.
  const Picture& canvas() const { return canvas_; }
  // Where the descent starts, with a margin.
  Image first_picture() const;
  // The heaviest style stretched to the canvas: what the content loss is measured against.
  Image reference() const;
  // The styles as one, at this scale; measured, or from the cache.
  MeasuredStyle measured_style(std::shared_ptr<const Network> network, const DeviceOptions& device,
                               const Watch& watch) const;
  // A canvas as a person sees it: without its margin, with the content's colors when they are kept.
  Image shown(const Image& canvas) const;

 private:
  Image seen(const Image& rgb) const;
  Picture scaled(const Picture& style) const;
  const Picture& heaviest_style() const;

  const Sources& sources_;
  const Settings& settings_;
  Size size_;
  Picture content_;
  Picture canvas_;
};

// Of the settings, or the network's own.
Pooling pooling_of(const Settings& settings, const Network& network);

}  // namespace impasto
