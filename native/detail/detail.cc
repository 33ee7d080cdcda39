#include "detail/detail.h"

#include <algorithm>
#include <utility>

#include "detail/decoder.h"
#include "detail/encoder.h"
#include "detail/shift.h"
#include "image/resize.h"

namespace impasto {
namespace {

// How far a position is seen by the encoder, to the next multiple: 10 px by relu3_1 from the
// pixels, 60 px by relu5_1 from relu3_1.
constexpr int kShallowHalo = 16;
constexpr int kDeepHalo = 64;
// Shallow layers whose features are not kept for the decoder: the shallowest, and of large pictures
// two, which would take more memory than the rest of the run.
constexpr std::size_t kMadeAnew = 1;
constexpr std::size_t kMadeAnewOfLarge = 2;
constexpr double kLargePixels = 4e6;
// Of a network at quarter width, a pixel: relu3_1 is 64 channels at 1/16 of the pixels, relu2_1 32
// at a quarter.
constexpr double kKeptFloats = 12;
constexpr double kKeptFloatsOfLarge = 4;
// What a pixel of a window takes while it is painted, and what any picture does. Fitted to nine
// runs of 512 to 2048 px by one to four workers: within 6 %.
constexpr double kBytesPerShallowPixel = 500;
constexpr double kBytesPerDeepPixel = 95;
constexpr double kFixedBytes = 35e6;

// How far a position of the decoder's levels is seen by the last of them, px, to the next multiple.
int decoder_halo(const Detailer& detailer, LevelRange range) {
  int reach = 1;  // the last convolution, to RGB
  for (std::size_t level = range.first; level < range.end; ++level) {
    const int cell = 1 << (detailer.levels.size() - 1 - level);
    // Each convolution a cell; what stands below is enlarged, from cells twice as large.
    reach += cell * static_cast<int>(detailer.levels[level].convolutions.size());
    if (level > 0) reach += 2 * cell;
  }
  return up_to_multiple(reach);
}

std::vector<LayerMask> masks_of(const Picture& picture) {
  const Image alpha = picture.alpha ? pad_up(*picture.alpha) : Image{};
  auto masks = block_masks(alpha.data, up_to_multiple(picture.rgb.height),
                           up_to_multiple(picture.rgb.width), kHalvings + 1);
  for (const LayerMask& mask : masks) require_visible(mask);
  return masks;
}

// The draft at the content's size with `share` of what the content loses by shrinking to the
// draft's. Both are enlarged alike, and so together: draft - share * what is left of the content.
Image mix(const DetailTools& tools, const Image& draft, const Image& content) {
  const auto share = static_cast<float>(tools.detailer->mix);
  const int threads = threads_of(tools);
  Image small = resize(content, draft.width, draft.height, Filter::kBicubic, threads);
  for (std::size_t i = 0; i < small.data.size(); ++i) {
    small.data[i] = draft.data[i] - share * small.data[i];
  }
  Image mixed = resize(small, content.width, content.height, Filter::kBicubic, threads);
  for (std::size_t i = 0; i < mixed.data.size(); ++i) mixed.data[i] += share * content.data[i];
  clamp_to_unit(mixed);
  return pad_up(std::move(mixed));
}

struct Measured {
  Gaussians statistics;
  FeatureMaps features;
};

// Room for the features of the first `kept` layers, and of those that deep layers begin with.
FeatureMaps room_for_features(const DetailTools& tools, const Image& rgb, std::size_t kept) {
  FeatureMaps features;
  const auto layers = detail_layers(*tools.encoder, *tools.detailer, rgb.height, rgb.width);
  const std::size_t deep = deep_encoder(layers.size()).end;
  for (std::size_t i = 0; i < std::max(kept, deep == 0 ? 0 : deep + 1); ++i) {
    const FeatureShape& shape = layers[i].shape;
    Image& maps = features[layers[i].name] = {shape.channels, shape.height, shape.width, {}};
    maps.data.resize(maps.size());
  }
  return features;
}

// Of the deep layers; without windows where there are none.
Shift deep_encoding(const DetailTools& tools, const Image& rgb) {
  if (deep_encoder(tools.detailer->levels.size()).end == 0) return {};
  return deep_shift(tools, rgb.height, rgb.width, kDeepHalo);
}

// Each part's memory is given back at its end, before the next asks for its own.
Measured measure(const DetailTools& tools, const Image& rgb, const std::vector<LayerMask>& masks,
                 std::size_t kept, const Shift& shallow, const Shift& deep, Tally& tally) {
  Measured measured{{}, room_for_features(tools, rgb, kept)};
  const auto encode = [&](LevelRange range, const Shift& shift) {
    const Windows& windows = shift.windows;
    if (windows.list.empty()) return;
    const bool weighted = windows.list.size() > 1 || !masks.front().values.empty();
    // Added up in the windows' order, whoever is done first: sums come out the same each time.
    std::vector<Gaussians> parts(windows.list.size());
    work_through(
        tools, shift, tally,
        [&](const ort::SessionConfig& config) {
          return Encoder(*tools.encoder, *tools.detailer, range, windows.height, windows.width,
                         weighted, kept, config);
        },
        [&](Encoder& encoder, std::size_t i) {
          encoder.run({rgb, masks}, windows.list[i], measured.features);
          parts[i] = encoder.statistics();
        });
    for (const Gaussians& part : parts) {
      for (const auto& [layer, statistics] : part) merge(measured.statistics[layer], statistics);
    }
  };
  const std::size_t levels = tools.detailer->levels.size();
  encode(shallow_encoder(levels), shallow);
  encode(deep_encoder(levels), deep);
  return measured;
}

// The same where nobody waits for it.
Measured measure(const DetailTools& tools, const Image& rgb, const std::vector<LayerMask>& masks,
                 std::size_t kept) {
  const Shift shallow = shallow_shift(tools, rgb.height, rgb.width, kShallowHalo);
  const Shift deep = deep_encoding(tools, rgb);
  Tally tally({&shallow, &deep}, nullptr);
  return measure(tools, rgb, masks, kept, shallow, deep, tally);
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

double predict_detail_bytes(const DeviceOptions& device, int height, int width) {
  const DetailTools tools{nullptr, nullptr, device};
  // By many workers the shallow windows take more, by one the deep one, which is the picture.
  const double shallow =
      kBytesPerShallowPixel * shallow_shift(tools, height, width, kShallowHalo).pixels_at_once();
  const double deep =
      kBytesPerDeepPixel * deep_shift(tools, height, width, kDeepHalo).pixels_at_once();
  const double pixels = static_cast<double>(height) * width;
  const double kept_floats = pixels > kLargePixels ? kKeptFloatsOfLarge : kKeptFloats;
  return kFixedBytes + std::max(shallow, deep) + kept_floats * sizeof(float) * pixels;
}

DetailTools open_detail_tools(const std::string& network_path, const std::string& detailer_path,
                              const DeviceOptions& device) {
  DetailTools tools{load_network(network_path), load_detailer(detailer_path), device};
  detail_layers(*tools.encoder, *tools.detailer, kMultiple, kMultiple);
  return tools;
}

Gaussians measure_gaussians(const DetailTools& tools, const Picture& style) {
  return measure(tools, pad_up(style.rgb), masks_of(style), 0).statistics;
}

Image add_detail(const DetailTools& tools, const Image& draft, const Picture& content,
                 const DetailStep& step) {
  const Detailer& detailer = *tools.detailer;
  const Image mixed = mix(tools, draft, content.rgb);
  const bool large = static_cast<double>(mixed.plane()) > kLargePixels;
  const std::size_t levels = detailer.levels.size();
  const std::size_t kept = levels - (large ? kMadeAnewOfLarge : kMadeAnew);
  const Shift shallow = shallow_shift(tools, mixed.height, mixed.width, kShallowHalo);
  const Shift deep = deep_encoding(tools, mixed);
  const Shift forms =
      deep_shift(tools, mixed.height, mixed.width, decoder_halo(detailer, deep_decoder(levels)));
  const Shift strokes = shallow_shift(tools, mixed.height, mixed.width,
                                      decoder_halo(detailer, shallow_decoder(levels)));
  Tally tally({&shallow, &deep, &forms, &strokes}, step.progress);

  Measured have = measure(tools, mixed, masks_of(content), kept, shallow, deep, tally);
  if (step.shot) {
    for (const auto& [layer, statistics] : have.statistics) merge((*step.shot)[layer], statistics);
    have.statistics = *step.shot;
  }
  std::map<std::string, AffineMap> maps;
  for (const auto& [layer, statistics] : have.statistics) {
    const auto carry = step.carry == Carry::kTransport ? transport : match_deviations;
    maps[layer] = carry(statistics, step.style.at(layer), detailer.ridge, step.share);
  }
  const auto decode = [&](LevelRange range, const Shift& shift, const Painted& painted,
                          Image& result) {
    const Windows& windows = shift.windows;
    work_through(
        tools, shift, tally,
        [&](const ort::SessionConfig& config) {
          return Decoder(*tools.encoder, detailer, maps, range, kept, windows.height, windows.width,
                         config);
        },
        [&](Decoder& decoder, std::size_t i) { decoder.run(painted, windows.list[i], result); });
  };
  const std::size_t last = deep_decoder(levels).end - 1;
  const Image& features = have.features.at(detailer.levels[last].layer);
  Image made{made_channels(detailer, last), features.height, features.width, {}};
  made.data.resize(made.size());
  decode(deep_decoder(levels), forms, {mixed, have.features, nullptr, step.seed}, made);
  for (std::size_t level = 0; level <= last; ++level) {
    have.features.erase(detailer.levels[level].layer);
  }
  Image result{3, content.rgb.height, content.rgb.width, {}};
  result.data.resize(result.size());
  decode(shallow_decoder(levels), strokes, {mixed, have.features, &made, step.seed}, result);
  return result;
}

Carried carry_features(const DetailTools& tools, const Image& draft, const Image& content,
                       const Gaussians& style, double share) {
  Carried carried{mix(tools, draft, content), {}};
  const Image& mixed = carried.mixed;
  Measured have =
      measure(tools, mixed, masks_of({mixed, std::nullopt}), tools.detailer->levels.size());
  for (auto& [layer, features] : have.features) {
    const AffineMap map =
        transport(have.statistics.at(layer), style.at(layer), tools.detailer->ridge, share);
    carried.features[layer] = moved(features, map);
  }
  return carried;
}

}  // namespace impasto
