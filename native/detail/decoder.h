// The decoder for windows of one size: paints a picture, or the maps that shallow levels go on
// with, from features in a style's statistics.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "detail/detail_graph.h"
#include "detail/maps.h"
#include "ort/session.h"

namespace impasto {

// What windows are cut from: the picture [3, H, W] that is detailed, a multiple of 16 on each side,
// features of the deepest layers, and what deep levels have made, by layer.
struct Painted {
  const Image& mixed;
  const FeatureMaps& features;
  const Image* made = nullptr;
  std::uint32_t seed = 0;
};

class Decoder {
 public:
  Decoder(const Network& network, const Detailer& detailer,
          const std::map<std::string, AffineMap>& maps, LevelRange range, std::size_t kept,
          int height, int width, const ort::SessionConfig& config);

  // Paints the window's inside of `result`: [3, H, W] in 0 … 1, which may be smaller than what is
  // painted, or the last level's maps.
  void run(const Painted& painted, const Window& window, Image& result);

  ort::Session& session() { return session_; }

 private:
  bool to_the_picture() const { return range_.end == layers_.size(); }
  int shrink(const DetailLayer& layer) const { return width_ / layer.shape.width; }

  const Network& network_;
  const Detailer& detailer_;
  LevelRange range_;
  int height_;
  int width_;
  std::vector<DetailLayer> layers_;
  // What the session points to stands before it, and so outlives it.
  std::vector<float> pixels_, made_, result_;
  std::map<std::size_t, std::vector<float>> features_, noise_;  // by level
  ort::Session session_;
};

}  // namespace impasto
