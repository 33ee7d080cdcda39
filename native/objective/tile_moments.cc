#include "objective/tile_moments.h"

#include <utility>

#include "objective/border.h"

namespace impasto {

TileMoments::TileMoments(std::shared_ptr<const Network> network, const Problem& problem,
                         const Windows& tiles, std::vector<StylePlace> places,
                         const DeviceOptions& device)
    : network_(std::move(network)),
      problem_(problem),
      tiles_(tiles),
      pixels_(3 * static_cast<std::size_t>(tiles.height + 2) * (tiles.width + 2)) {
  const auto whole = feature_shapes(*network_, problem.height, problem.width);
  const auto of_tile = feature_shapes(*network_, tiles.height, tiles.width);
  session_ = std::make_unique<ort::Session>(
      build_moments_model(*network_, problem_of_tile(problem, tiles), places),
      ort::SessionConfig{device.kind, device.threads});
  session_->bind_changing_input(names::kPixels, pixels_, {1, 3, tiles.height + 2, tiles.width + 2});
  for (StylePlace& place : places) {
    const std::size_t index = layer_index(*network_, place.layer);
    const FeatureShape& shape = of_tile[index];
    const std::size_t channels = static_cast<std::size_t>(shape.channels);
    places_.push_back({std::move(place), block_of(network_->convolutions[index].layer),
                       whole[index].width, shape, std::vector<float>(shape.plane()),
                       std::vector<float>(1), std::vector<float>(channels),
                       std::vector<float>(channels * channels)});
  }
  for (Place& place : places_) {
    const std::string& name = place.names.name;
    const std::int64_t channels = place.shape.channels;
    session_->bind_changing_input(std::string("style_") + names::kMask + name, place.mask,
                                  {1, 1, place.shape.height, place.shape.width});
    session_->bind_changing_input(names::kInverseArea + name, place.inverse_area, {1, 1});
    session_->bind_output(names::kMean + name, place.mean, {channels, 1});
    session_->bind_output(names::kCovariance + name, place.covariance, {channels, channels});
  }
}

Gaussians TileMoments::measure(std::span<const float> pixels, const Masks& masks,
                               const std::function<void(std::size_t)>& before_tile) {
  Gaussians sums;
  for (std::size_t i = 0; i < tiles_.list.size(); ++i) {
    if (before_tile) before_tile(i);
    const Window& tile = tiles_.list[i];
    normalize_and_pad(pixels, problem_.height, problem_.width, frame_of(tiles_, tile), *network_,
                      problem_.padding, pixels_);
    std::vector<double> areas;
    for (Place& place : places_) {
      const auto whole = masks.find(place.names.name);
      areas.push_back(fill_tile_mask(
          tile, place.block, inside_of(tile, place.block, problem_.height, problem_.width),
          whole == masks.end() ? std::span<const float>() : std::span<const float>(whole->second),
          place.whole_width, place.shape.width, place.mask));
      place.inverse_area[0] = areas.back() > 0 ? static_cast<float>(1 / areas.back()) : 0;
    }
    session_->run();
    for (std::size_t k = 0; k < places_.size(); ++k) {
      const Place& place = places_[k];
      merge(sums[place.names.name], {areas[k],
                                     {place.mean.begin(), place.mean.end()},
                                     {place.covariance.begin(), place.covariance.end()}});
    }
  }
  // What no tile has anything of.
  for (const Place& place : places_) {
    Gaussian& sum = sums[place.names.name];
    sum.mean.resize(place.mean.size());
    sum.covariance.resize(place.covariance.size());
  }
  session_->shrink();
  return sums;
}

}  // namespace impasto
