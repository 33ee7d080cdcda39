#include "detail/encoder.h"

#include <algorithm>

#include "objective/border.h"

namespace impasto {
namespace n = detail_names;

Encoder::Encoder(const Network& network, const Detailer& detailer, LevelRange range, int height,
                 int width, bool weighted, std::size_t kept, const ort::SessionConfig& config)
    : network_(network),
      range_(range),
      height_(height),
      width_(width),
      weighted_(weighted),
      layers_(detail_layers(network, detailer, height, width)),
      session_(build_encoder(network, layers_, range, height, width, weighted), config) {
  if (range.end == layers_.size()) {
    read_.resize(3 * static_cast<std::size_t>(height + 2) * (width + 2));
    session_.bind_changing_input(n::kPixels, read_, {1, 3, height + 2, width + 2});
  } else {
    const auto& [name, index, shape] = layers_[range.end];
    read_.resize(static_cast<std::size_t>(shape.channels) * (shape.height + 2) * (shape.width + 2));
    session_.bind_changing_input(name, read_,
                                 {1, shape.channels, shape.height + 2, shape.width + 2});
  }
  for (std::size_t i = range.first; i < range.end; ++i) {
    const DetailLayer& layer = layers_[i];
    const auto positions = static_cast<std::int64_t>(layer.shape.plane());
    const std::int64_t channels = layer.shape.channels;
    Statistics& s = statistics_[layer.name];
    s.area = static_cast<double>(positions);
    s.mean.resize(static_cast<std::size_t>(channels));
    s.covariance.resize(static_cast<std::size_t>(channels * channels));
    if (weighted) {
      s.weights.assign(layer.shape.plane(), 1.0f);
      s.inverse.assign(1, 0.0f);
      session_.bind_changing_input(n::kWeights + layer.name, s.weights, {1, positions});
      session_.bind_changing_input(n::kInverse + layer.name, s.inverse, {1, 1});
    }
    session_.bind_output(n::kMean + layer.name, s.mean, {channels, 1});
    session_.bind_output(n::kCovariance + layer.name, s.covariance, {channels, channels});
    const std::size_t deep = deep_encoder(layers_.size()).end;
    if (i >= kept && (deep == 0 || i != deep)) continue;
    std::vector<float>& maps = features_[layer.name];
    maps.resize(layer.shape.size());
    session_.bind_output(layer.name, maps, {1, channels, layer.shape.height, layer.shape.width});
  }
}

void Encoder::run(const Seen& seen, const Window& window, FeatureMaps& features) {
  if (range_.end == layers_.size()) {
    normalize_and_pad(seen.rgb.data, seen.rgb.height, seen.rgb.width,
                      {window.y.begin, window.x.begin, height_, width_}, network_,
                      Padding::kReplicate, read_);
  } else {
    const DetailLayer& layer = layers_[range_.end];
    cut(features.at(layer.name), shrunk(window, shrink(layer)), layer.shape.height,
        layer.shape.width, 1, read_);
  }
  for (std::size_t i = range_.first; weighted_ && i < range_.end; ++i) {
    weigh(layers_[i], seen, window);
  }
  session_.run();
  for (const DetailLayer& layer : layers_) {
    const auto part = features_.find(layer.name);
    if (part == features_.end()) continue;
    paste(part->second, layer.shape.height, layer.shape.width, shrunk(window, shrink(layer)),
          features.at(layer.name));
  }
}

Gaussians Encoder::statistics() const {
  Gaussians gaussians;
  for (const auto& [layer, s] : statistics_) {
    gaussians[layer] = {
        s.area, {s.mean.begin(), s.mean.end()}, {s.covariance.begin(), s.covariance.end()}};
  }
  return gaussians;
}

// Only the window's inside counts, and of that what is seen.
void Encoder::weigh(const DetailLayer& layer, const Seen& seen, const Window& window) {
  const int block = block_of(layer.name) - 1;
  const std::vector<float>& mask = seen.masks[static_cast<std::size_t>(block)].values;
  const int mask_width = seen.rgb.width >> block;
  const Window inside = shrunk(window, 1 << block);
  Statistics& s = statistics_.at(layer.name);
  s.area = 0;
  std::fill(s.weights.begin(), s.weights.end(), 0.0f);
  for (int y = inside.y.inner_begin; y < inside.y.inner_end; ++y) {
    float* row = s.weights.data() +
                 static_cast<std::size_t>(y - inside.y.begin) * layer.shape.width - inside.x.begin;
    const float* counted = mask.data() + static_cast<std::size_t>(y) * mask_width;
    for (int x = inside.x.inner_begin; x < inside.x.inner_end; ++x) {
      row[x] = mask.empty() ? 1.0f : counted[x];
      s.area += row[x];
    }
  }
  s.inverse[0] = s.area > 0 ? static_cast<float>(1 / s.area) : 0.0f;
}

}  // namespace impasto
