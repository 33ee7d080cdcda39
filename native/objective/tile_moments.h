// The first pass over a picture in tiles: the moments of each style layer, together those of the
// whole picture.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "objective/gaussian.h"
#include "objective/tile_model.h"
#include "objective/tiles.h"
#include "ort/session.h"

namespace impasto {

class TileMoments {
 public:
  // `problem`: of the whole picture. `places`: where moments are wanted.
  TileMoments(std::shared_ptr<const Network> network, const Problem& problem, const Windows& tiles,
              std::vector<StylePlace> places, const DeviceOptions& device);

  // What each place of the whole picture counts for, or nothing where all count alike; by place.
  using Masks = std::map<std::string, std::vector<float>>;

  // By place. `before_tile` is told of each tile's number first and may throw.
  Gaussians measure(std::span<const float> pixels, const Masks& masks,
                    const std::function<void(std::size_t)>& before_tile);

  // [any thread] Ends a measurement and every one after, until session().reset_cancel().
  ort::Session& session() { return *session_; }

 private:
  struct Place {
    StylePlace names;
    int block = 1;
    int whole_width = 0;  // of the layer's maps
    FeatureShape shape;   // of a tile's
    std::vector<float> mask;
    std::vector<float> inverse_area;
    std::vector<float> mean;
    std::vector<float> covariance;
  };

  std::shared_ptr<const Network> network_;
  Problem problem_;
  const Windows& tiles_;
  std::vector<Place> places_;
  std::vector<float> pixels_;
  std::unique_ptr<ort::Session> session_;  // last: it points into what stands above
};

}  // namespace impasto
