// The encoder for windows of one size: features of a picture and their statistics.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "detail/detail_graph.h"
#include "detail/maps.h"
#include "objective/gaussian.h"
#include "objective/mask.h"
#include "ort/session.h"

namespace impasto {

// What windows are cut from: `rgb` [3, H, W], a multiple of 16 on each side; `masks` by block, over
// the whole picture, values empty where all is seen.
struct Seen {
  const Image& rgb;
  const std::vector<LayerMask>& masks;
};

class Encoder {
 public:
  // `weighted`: not all positions of a window count. The first `kept` layers' features are kept,
  // and those that deep layers begin with.
  Encoder(const Network& network, const Detailer& detailer, LevelRange range, int height, int width,
          bool weighted, std::size_t kept, const ort::SessionConfig& config);

  // Deep layers read what shallow ones have left in `features`; each leaves there, in maps that are
  // as large as the picture wants them, the inside of the window.
  void run(const Seen& seen, const Window& window, FeatureMaps& features);

  // Of the inside of the window in work.
  Gaussians statistics() const;

  ort::Session& session() { return session_; }

 private:
  struct Statistics {
    double area = 0;
    std::vector<float> weights, inverse, mean, covariance;
  };
  void weigh(const DetailLayer& layer, const Seen& seen, const Window& window);
  int shrink(const DetailLayer& layer) const { return width_ / layer.shape.width; }

  const Network& network_;
  LevelRange range_;
  int height_;
  int width_;
  bool weighted_;
  std::vector<DetailLayer> layers_;
  // What the session points to stands before it, and so outlives it.
  std::vector<float> read_;
  std::map<std::string, Statistics> statistics_;
  std::map<std::string, std::vector<float>> features_;
  ort::Session session_;
};

}  // namespace impasto
