#include "detail/decoder.h"

#include <algorithm>

#include "detail/place_noise.h"
#include "objective/border.h"

namespace impasto {
namespace n = detail_names;

namespace {

// [C, h, w] → [C, h + 2, w + 2], in place: the outermost values once more around.
void put_around(std::vector<float>& maps, int channels, int height, int width) {
  Image inside{channels, height, width, {}};
  inside.data.assign(maps.begin(), maps.begin() + static_cast<std::ptrdiff_t>(inside.size()));
  cut(inside, {}, height, width, 1, maps);
}

}  // namespace

Decoder::Decoder(const Network& network, const Detailer& detailer,
                 const std::map<std::string, AffineMap>& maps, LevelRange range, std::size_t kept,
                 int height, int width, const ort::SessionConfig& config)
    : network_(network),
      detailer_(detailer),
      range_(range),
      height_(height),
      width_(width),
      layers_(detail_layers(network, detailer, height, width)),
      session_(build_decoder(network, detailer, layers_, maps, range, kept, height, width),
               config) {
  const auto bind_around = [&](const std::string& name, std::vector<float>& values, int channels,
                               int h, int w) {
    values.resize(static_cast<std::size_t>(channels) * (h + 2) * (w + 2));
    session_.bind_changing_input(name, values, {1, channels, h + 2, w + 2});
  };
  for (std::size_t i = range.first; i < range.end; ++i) {
    const auto& [name, index, shape] = layers_[i];
    if (i < kept) bind_around(name, features_[i], shape.channels, shape.height, shape.width);
    const int noise = detailer.levels[i].noise;
    if (noise > 0) bind_around(n::kNoise + name, noise_[i], noise, shape.height, shape.width);
  }
  if (range.first > 0) {
    const auto& [name, index, shape] = layers_[range.first - 1];
    const int channels = made_channels(detailer, range.first - 1);
    made_.resize(channels * shape.plane());
    session_.bind_changing_input(n::kMade + name, made_, {1, channels, shape.height, shape.width});
  }
  if (to_the_picture()) {
    bind_around(n::kPixels, pixels_, 3, height, width);
    result_.resize(3 * static_cast<std::size_t>(height) * width);
    session_.bind_output(n::kPicture, result_, {1, 3, height, width});
  } else {
    const auto& [name, index, shape] = layers_[range.end - 1];
    const int channels = made_channels(detailer, range.end - 1);
    result_.resize(channels * shape.plane());
    session_.bind_output(n::kMade + name, result_, {1, channels, shape.height, shape.width});
  }
}

void Decoder::run(const Painted& painted, const Window& window, Image& result) {
  if (to_the_picture()) {
    const Image& mixed = painted.mixed;
    normalize_and_pad(mixed.data, mixed.height, mixed.width,
                      {window.y.begin, window.x.begin, height_, width_}, network_,
                      Padding::kReplicate, pixels_);
  }
  if (range_.first > 0) {
    const DetailLayer& layer = layers_[range_.first - 1];
    cut(*painted.made, shrunk(window, shrink(layer)), layer.shape.height, layer.shape.width, 0,
        made_);
  }
  for (auto& [level, values] : features_) {
    const DetailLayer& layer = layers_[level];
    cut(painted.features.at(layer.name), shrunk(window, shrink(layer)), layer.shape.height,
        layer.shape.width, 1, values);
  }
  for (auto& [level, values] : noise_) {
    const auto& [name, index, shape] = layers_[level];
    const Window place = shrunk(window, shrink(layers_[level]));
    const int channels = detailer_.levels[level].noise;
    place_noise(painted.seed, noise_place(layers_[level]), channels,
                {place.x.begin, place.y.begin, shape.width, shape.height},
                std::span(values).first(channels * shape.plane()));
    put_around(values, channels, shape.height, shape.width);
  }
  session_.run();
  if (to_the_picture()) {
    for (float& value : result_) value = std::clamp(value + 0.5f, 0.0f, 1.0f);
    paste(result_, height_, width_, window, result);
  } else {
    const DetailLayer& layer = layers_[range_.end - 1];
    paste(result_, layer.shape.height, layer.shape.width, shrunk(window, shrink(layer)), result);
  }
}

}  // namespace impasto
