#include "detail/detail.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "detail/detail_graph.h"
#include "detail/place_noise.h"
#include "image/resize.h"
#include "image/windows.h"
#include "objective/border.h"
#include "objective/mask.h"
#include "ort/session.h"

namespace impasto {
namespace {

namespace n = detail_names;

constexpr int kHalvings = 4;
constexpr int kMultiple = 1 << kHalvings;
// How far a pixel is seen: 70 px by the encoder at relu5_1, and 92 px by the decoder of two
// convolutions a level; both to the next multiple.
constexpr int kEncoderHalo = 80;
constexpr int kDecoderHalo = 96;
// Layers, deep to shallow, whose features are kept for the decoder: all but the shallowest, and of
// large pictures all but two, which would take more memory than the rest of the run.
constexpr std::size_t kKept = 4;
constexpr std::size_t kKeptOfLarge = 3;
constexpr double kLargePixels = 4e6;

int up_to_multiple(int size) { return (size + kMultiple - 1) / kMultiple * kMultiple; }

// The outermost pixels repeated at the right and below.
Image pad_up(const Image& image) {
  Image padded{image.channels, up_to_multiple(image.height), up_to_multiple(image.width), {}};
  if (padded.height == image.height && padded.width == image.width) return image;
  padded.data.resize(padded.size());
  float* out = padded.data.data();
  for (int channel = 0; channel < image.channels; ++channel) {
    for (int y = 0; y < padded.height; ++y) {
      const float* row = image.data.data() + channel * image.plane() +
                         static_cast<std::size_t>(std::min(y, image.height - 1)) * image.width;
      out = std::copy_n(row, image.width, out);
      out = std::fill_n(out, padded.width - image.width, row[image.width - 1]);
    }
  }
  return padded;
}

// A part of planar maps.
void cut(std::span<const float> maps, int map_height, int map_width, int top, int left, int height,
         int width, float* out) {
  const std::size_t plane = static_cast<std::size_t>(map_height) * map_width;
  for (std::size_t begin = 0; begin < maps.size(); begin += plane) {
    for (int y = 0; y < height; ++y) {
      const float* row = maps.data() + begin + static_cast<std::size_t>(top + y) * map_width + left;
      out = std::copy_n(row, width, out);
    }
  }
}

// Features of the whole picture, by layer.
using FeatureMaps = std::map<std::string, Image>;

// The encoder for windows of one size, its inputs and what comes out.
class Encoder {
 public:
  // `weighted`: not all positions of a window count. The first `kept` layers' features are kept.
  Encoder(const DetailTools& tools, int height, int width, bool weighted, std::size_t kept)
      : tools_(tools),
        height_(height),
        width_(width),
        weighted_(weighted),
        layers_(detail_layers(*tools.encoder, *tools.detailer, height, width)),
        pixels_(3 * static_cast<std::size_t>(height + 2) * (width + 2)),
        session_(build_encoder(*tools.encoder, layers_, height, width, weighted),
                 {tools.device.kind, tools.device.threads}) {
    session_.bind_changing_input(n::kPixels, pixels_, {1, 3, height + 2, width + 2});
    for (std::size_t i = 0; i < layers_.size(); ++i) {
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
      if (i >= kept) continue;
      std::vector<float>& maps = features_[layer.name];
      maps.resize(layer.shape.size());
      session_.bind_output(layer.name, maps, {1, channels, layer.shape.height, layer.shape.width});
    }
  }

  // `rgb`: [3, H, W], a multiple of 16 on each side; `masks`: by block, over the whole picture,
  // values empty where all is seen.
  void run(const Image& rgb, const std::vector<LayerMask>& masks, const Window& window) {
    std::vector<float> part(3 * static_cast<std::size_t>(height_) * width_);
    cut(rgb.data, rgb.height, rgb.width, window.y.begin, window.x.begin, height_, width_,
        part.data());
    normalize_and_pad(part, height_, width_, {0, 0, height_, width_}, *tools_.encoder,
                      Padding::kReplicate, pixels_);
    if (weighted_) {
      for (const DetailLayer& layer : layers_) weigh(layer, masks, rgb.width, window);
    }
    if (tools_.watch) tools_.watch(&session_);
    session_.run();
    if (tools_.watch) tools_.watch(nullptr);
  }

  // Puts the inside of the window in work where it belongs in the whole picture's features.
  void keep(const Window& window, int picture_height, int picture_width, FeatureMaps& whole) const {
    for (const DetailLayer& layer : layers_) {
      const auto part = features_.find(layer.name);
      if (part == features_.end()) continue;
      const int shrink = width_ / layer.shape.width;
      Image& maps = whole[layer.name];
      if (maps.data.empty()) {
        maps = {layer.shape.channels, picture_height / shrink, picture_width / shrink, {}};
        maps.data.resize(maps.size());
      }
      const int left = window.x.inner_begin / shrink, right = window.x.inner_end / shrink;
      for (int channel = 0; channel < maps.channels; ++channel) {
        for (int y = window.y.inner_begin / shrink; y < window.y.inner_end / shrink; ++y) {
          const float* row =
              part->second.data() + channel * layer.shape.plane() +
              static_cast<std::size_t>(y - window.y.begin / shrink) * layer.shape.width;
          std::copy(row + (left - window.x.begin / shrink), row + (right - window.x.begin / shrink),
                    maps.data.data() + channel * maps.plane() +
                        static_cast<std::size_t>(y) * maps.width + left);
        }
      }
    }
  }

  // Adds the inside of the window in work to the whole picture's statistics.
  void collect(Gaussians& whole) const {
    for (const DetailLayer& layer : layers_) {
      const Statistics& s = statistics_.at(layer.name);
      merge(whole[layer.name],
            {s.area, {s.mean.begin(), s.mean.end()}, {s.covariance.begin(), s.covariance.end()}});
    }
  }

 private:
  struct Statistics {
    double area = 0;
    std::vector<float> weights, inverse, mean, covariance;
  };

  // Only the window's inside counts, and of that what is seen.
  void weigh(const DetailLayer& layer, const std::vector<LayerMask>& masks, int picture_width,
             const Window& window) {
    const int block = block_of(layer.name) - 1;
    const int shrink = 1 << block;
    const std::vector<float>& mask = masks[static_cast<std::size_t>(block)].values;
    const int mask_width = picture_width / shrink;
    const int left = window.x.begin / shrink, top = window.y.begin / shrink;
    Statistics& s = statistics_.at(layer.name);
    s.area = 0;
    for (int y = 0; y < layer.shape.height; ++y) {
      const bool row =
          (top + y) * shrink >= window.y.inner_begin && (top + y) * shrink < window.y.inner_end;
      for (int x = 0; x < layer.shape.width; ++x) {
        const bool inside = row && (left + x) * shrink >= window.x.inner_begin &&
                            (left + x) * shrink < window.x.inner_end;
        const std::size_t at = static_cast<std::size_t>(top + y) * mask_width + left + x;
        const float weight = !inside ? 0.0f : mask.empty() ? 1.0f : mask[at];
        s.weights[static_cast<std::size_t>(y) * layer.shape.width + x] = weight;
        s.area += weight;
      }
    }
    s.inverse[0] = s.area > 0 ? static_cast<float>(1 / s.area) : 0.0f;
  }

  const DetailTools& tools_;
  int height_;
  int width_;
  bool weighted_;
  std::vector<DetailLayer> layers_;
  // What the session points to stands before it, and so outlives it.
  std::vector<float> pixels_;
  std::map<std::string, Statistics> statistics_;
  std::map<std::string, std::vector<float>> features_;
  ort::Session session_;
};

// The decoder for windows of one size.
class Decoder {
 public:
  Decoder(const DetailTools& tools, const FeatureMaps& features,
          std::map<std::string, AffineMap>& maps, int height, int width)
      : tools_(tools),
        whole_(features),
        height_(height),
        width_(width),
        layers_(detail_layers(*tools.encoder, *tools.detailer, height, width)),
        mixed_(kMixedChannels * static_cast<std::size_t>(height) * width),
        pixels_(3 * static_cast<std::size_t>(height + 2) * (width + 2)),
        picture_(3 * static_cast<std::size_t>(height) * width),
        session_(
            build_decoder(*tools.encoder, *tools.detailer, layers_, features.size(), height, width),
            {tools.device.kind, tools.device.threads}) {
    session_.bind_changing_input(n::kMixed, mixed_, {1, kMixedChannels, height, width});
    if (features.size() < layers_.size()) {
      session_.bind_changing_input(n::kPixels, pixels_, {1, 3, height + 2, width + 2});
    }
    session_.bind_output(n::kPicture, picture_, {1, 3, height, width});
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const DetailLayer& layer = layers_[i];
      const std::int64_t channels = layer.shape.channels;
      const int noise = tools.detailer->levels[i].noise;
      if (i < features.size()) {
        std::vector<float>& part = features_[layer.name];
        part.resize(layer.shape.size());
        session_.bind_changing_input(layer.name, part,
                                     {1, channels, layer.shape.height, layer.shape.width});
      }
      AffineMap& map = maps.at(layer.name);
      session_.bind_input(n::kMatrix + layer.name, map.matrix, {channels, channels});
      session_.bind_input(n::kOffset + layer.name, map.offset, {channels, 1});
      if (noise == 0) continue;
      std::vector<float>& values = noise_[i];
      values.resize(static_cast<std::size_t>(noise) * layer.shape.plane());
      session_.bind_changing_input(n::kNoise + layer.name, values,
                                   {1, noise, layer.shape.height, layer.shape.width});
    }
  }

  // Paints the window's inside of `result` [3, H, W], which may be smaller than the padded
  // pictures.
  void run(const Image& mixed, const Window& window, std::uint32_t seed, Image& result) {
    const std::span<float> colors(mixed_.data(), picture_.size());
    cut(mixed.data, mixed.height, mixed.width, window.y.begin, window.x.begin, height_, width_,
        colors.data());
    normalize_and_pad(colors, height_, width_, {0, 0, height_, width_}, *tools_.encoder,
                      Padding::kReplicate, pixels_);
    for (float& value : colors) value -= 0.5f;
    for (const DetailLayer& layer : layers_) {
      const auto part = features_.find(layer.name);
      if (part == features_.end()) continue;
      const Image& whole = whole_.at(layer.name);
      const int shrink = width_ / layer.shape.width;
      cut(whole.data, whole.height, whole.width, window.y.begin / shrink, window.x.begin / shrink,
          layer.shape.height, layer.shape.width, part->second.data());
    }
    for (auto& [level, values] : noise_) {
      const FeatureShape& shape = layers_[level].shape;
      const int shrink = width_ / shape.width;
      place_noise(seed, static_cast<int>(level), tools_.detailer->levels[level].noise,
                  {window.x.begin / shrink, window.y.begin / shrink, shape.width, shape.height},
                  values);
    }
    if (tools_.watch) tools_.watch(&session_);
    session_.run();
    if (tools_.watch) tools_.watch(nullptr);
    paste(window, result);
  }

 private:
  void paste(const Window& window, Image& result) const {
    const int right = std::min(window.x.inner_end, result.width);
    const int bottom = std::min(window.y.inner_end, result.height);
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = window.y.inner_begin; y < bottom; ++y) {
        const float* in =
            picture_.data() +
            (static_cast<std::size_t>(channel) * height_ + (y - window.y.begin)) * width_ -
            window.x.begin;
        float* out = result.data.data() + channel * result.plane() +
                     static_cast<std::size_t>(y) * result.width;
        for (int x = window.x.inner_begin; x < right; ++x)
          out[x] = std::clamp(in[x] + 0.5f, 0.0f, 1.0f);
      }
    }
  }

  const DetailTools& tools_;
  const FeatureMaps& whole_;
  int height_;
  int width_;
  std::vector<DetailLayer> layers_;
  std::vector<float> mixed_, pixels_, picture_;
  std::map<std::string, std::vector<float>> features_;
  std::map<std::size_t, std::vector<float>> noise_;  // by level
  ort::Session session_;
};

std::vector<LayerMask> masks_of(const Picture& picture) {
  const Image alpha = picture.alpha ? pad_up(*picture.alpha) : Image{};
  auto masks = block_masks(alpha.data, up_to_multiple(picture.rgb.height),
                           up_to_multiple(picture.rgb.width), kHalvings + 1);
  for (const LayerMask& mask : masks) require_visible(mask);
  return masks;
}

// The draft at the content's size with `share` of what the content loses by shrinking to the
// draft's.
Image mix(const Image& draft, const Image& content, double share) {
  const auto to_content = [&](const Image& image) {
    return resize(image, content.width, content.height, Filter::kBicubic);
  };
  Image mixed = to_content(draft);
  const Image blurred = to_content(resize(content, draft.width, draft.height, Filter::kBicubic));
  for (std::size_t i = 0; i < mixed.data.size(); ++i) {
    mixed.data[i] += static_cast<float>(share) * (content.data[i] - blurred.data[i]);
  }
  clamp_to_unit(mixed);
  return pad_up(mixed);
}

Windows windows_to_measure(const DetailTools& tools, const Image& rgb) {
  return cover(rgb.width, rgb.height, kEncoderHalo, kMultiple, tools.window_pixels);
}

struct Measured {
  Gaussians statistics;
  FeatureMaps features;
};

// The encoder's memory is given back at the end, before the decoder asks for its own.
Measured measure(const DetailTools& tools, const Image& rgb, const std::vector<LayerMask>& masks,
                 std::size_t kept, const std::function<void()>& advance) {
  const Windows windows = windows_to_measure(tools, rgb);
  const bool weighted = windows.list.size() > 1 || !masks.front().values.empty();
  Encoder encoder(tools, windows.height, windows.width, weighted, kept);
  Measured measured;
  for (const Window& window : windows.list) {
    encoder.run(rgb, masks, window);
    encoder.collect(measured.statistics);
    encoder.keep(window, rgb.height, rgb.width, measured.features);
    advance();
  }
  return measured;
}

// matrix · features + offset, at each position.
Image moved(const Image& features, const AffineMap& map) {
  Image result{features.channels, features.height, features.width, {}};
  result.data.resize(result.size());
  for (int row = 0; row < features.channels; ++row) {
    float* to = result.data.data() + row * result.plane();
    std::fill_n(to, result.plane(), map.offset[static_cast<std::size_t>(row)]);
    for (int column = 0; column < features.channels; ++column) {
      const float factor = map.matrix[static_cast<std::size_t>(row) * features.channels + column];
      const float* from = features.data.data() + column * features.plane();
      for (std::size_t i = 0; i < result.plane(); ++i) to[i] += factor * from[i];
    }
  }
  return result;
}

}  // namespace

double detail_kept_bytes(double pixels) {
  // relu5_1, relu4_1 and relu3_1 are 128, 128 and 64 channels at 1/256, 1/64 and 1/16 of the
  // pixels; relu2_1 is 32 at a quarter.
  const double channels_per_pixel = pixels > kLargePixels ? 6.5 : 14.5;
  return channels_per_pixel * sizeof(float) * pixels;
}

DetailTools open_detail_tools(const std::string& network_path, const std::string& detailer_path,
                              const DeviceOptions& device) {
  DetailTools tools{load_network(network_path), load_detailer(detailer_path), device};
  detail_layers(*tools.encoder, *tools.detailer, kMultiple, kMultiple);
  return tools;
}

Gaussians measure_gaussians(const DetailTools& tools, const Picture& style) {
  return measure(tools, pad_up(style.rgb), masks_of(style), 0, [] {}).statistics;
}

Image add_detail(const DetailTools& tools, const Image& draft, const Picture& content,
                 const DetailStep& step) {
  const Image mixed = mix(draft, content.rgb, tools.detailer->mix);
  const int width = mixed.width, height = mixed.height;
  const bool large = static_cast<double>(mixed.plane()) > kLargePixels;
  const Windows to_paint = cover(width, height, kDecoderHalo, kMultiple, tools.window_pixels);
  const std::size_t runs = windows_to_measure(tools, mixed).list.size() + to_paint.list.size();
  std::size_t done = 0;
  const auto advance = [&] {
    if (step.progress) step.progress(static_cast<double>(++done) / static_cast<double>(runs));
  };

  Measured have = measure(tools, mixed, masks_of(content), large ? kKeptOfLarge : kKept, advance);
  if (step.shot) {
    for (const auto& [layer, statistics] : have.statistics) merge((*step.shot)[layer], statistics);
    have.statistics = *step.shot;
  }
  std::map<std::string, AffineMap> maps;
  for (const auto& [layer, statistics] : have.statistics) {
    const auto carry = step.carry == Carry::kTransport ? transport : match_deviations;
    maps[layer] = carry(statistics, step.style.at(layer), tools.detailer->ridge, step.share);
  }
  Image result{3, content.rgb.height, content.rgb.width, {}};
  result.data.resize(result.size());
  Decoder decoder(tools, have.features, maps, to_paint.height, to_paint.width);
  for (const Window& window : to_paint.list) {
    decoder.run(mixed, window, step.seed, result);
    advance();
  }
  return result;
}

Carried carry_features(const DetailTools& tools, const Image& draft, const Image& content,
                       const Gaussians& style, double share) {
  Carried carried{mix(draft, content, tools.detailer->mix), {}};
  const Image& mixed = carried.mixed;
  Measured have =
      measure(tools, mixed, masks_of({mixed, std::nullopt}), tools.detailer->levels.size(), [] {});
  for (auto& [layer, features] : have.features) {
    const AffineMap map =
        transport(have.statistics.at(layer), style.at(layer), tools.detailer->ridge, share);
    carried.features[layer] = moved(features, map);
  }
  return carried;
}

}  // namespace impasto
