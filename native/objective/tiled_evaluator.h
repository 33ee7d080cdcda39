// The evaluator of a picture in tiles, equal to that of the whole: a first pass over the tiles
// takes the moments of every style layer, their slopes are computed once, a second pass applies
// them and goes back to the pixels. Memory is that of a tile, and of the content's features at 16
// bits.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>

#include "objective/evaluator.h"
#include "objective/stored_maps.h"
#include "objective/tile_moments.h"

namespace impasto {

class TiledEvaluator final : public Evaluator {
 public:
  TiledEvaluator(std::shared_ptr<const Network> network, const Problem& problem, Windows tiles,
                 const DeviceOptions& device, Between between);

  void set_input(const std::string& name, std::vector<float> values, const Shape& shape) override;
  std::vector<double> set_content(std::span<const float> pixels) override;
  std::map<std::string, std::vector<float>> features(
      std::span<const float> pixels, const std::vector<std::string>& layers) override;
  void evaluate(std::span<const float> pixels, std::span<float> gradient) override;
  std::span<const float> sums() const override { return sums_; }

  void cancel() override;
  void reset_cancel() override;

 private:
  // A style layer in a region.
  struct Style {
    StylePlace names;
    FeatureShape shape;  // of a tile's maps
    std::vector<float> mask;
    std::vector<float> mean, covariance, gram;  // of the whole picture
    std::vector<float> slope, offset;           // of the losses there
  };
  struct Content {
    std::string layer;
    FeatureShape shape;
    std::vector<float> mask;
    std::vector<float> target;
    std::vector<StoredMaps> targets;  // by tile
  };
  using Masks = TileMoments::Masks;

  void open_sessions();
  void before_tile(double share);
  void load_tile(std::span<const float> pixels, const Window& tile);
  Inside inside(const Window& tile, const std::string& layer) const;
  void fill_mask(const Window& tile, const std::string& layer, const FeatureShape& shape,
                 const Masks& wholes, const std::string& name, std::span<float> mask);
  void compute_slopes(const Gaussians& moments);

  std::shared_ptr<const Network> network_;
  std::shared_ptr<const FlippedFilters> flipped_;
  Problem problem_;
  Windows tiles_;
  Problem tile_problem_;
  DeviceOptions device_;
  Between between_;
  std::atomic<bool> cancelled_ = false;
  std::map<std::string, std::vector<float>> inputs_;
  Masks style_masks_;    // of the whole picture, by place
  Masks content_masks_;  // the same, by layer
  std::vector<Style> styles_;
  std::vector<Content> contents_;
  std::vector<float> pixels_, gradient_;  // of a tile, padded
  std::vector<float> content_sums_;       // of a tile
  std::size_t style_sums_ = 0;
  std::vector<float> sums_;
  std::unique_ptr<TileMoments> moments_;  // none without a style layer
  std::unique_ptr<ort::Session> slopes_;  // the same
  std::unique_ptr<ort::Session> gradients_;
};

}  // namespace impasto
