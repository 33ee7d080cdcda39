#include "learn/lesson.h"

#include <algorithm>
#include <random>
#include <utility>

#include "detail/place_noise.h"
#include "image/resize.h"

namespace impasto {
namespace {

// A piece shows at least this share of its frame's short side.
constexpr double kLeastShare = 0.75;
// Factors on the style's weight: what people choose lies around the middle.
constexpr double kStrengths[] = {1, 0.5, 2, 0.7, 1.4};

// The same numbers on every machine, which std::uniform_… do not promise.
double unit(std::mt19937& random) { return random() / 4294967296.0; }

}  // namespace

std::vector<Piece> choose_pieces(const std::vector<Size>& frames, std::size_t count,
                                 std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < count; ++i) {
    Piece piece;
    // With more frames than pieces these are spread over all of them.
    piece.frame = frames.size() > count ? i * frames.size() / count : i % frames.size();
    const Size size = frames[piece.frame];
    const double share = kLeastShare + (1 - kLeastShare) * unit(random);
    piece.side = std::clamp(static_cast<int>(share * size.short_side()), 1, size.short_side());
    piece.left = static_cast<int>(unit(random) * (size.width - piece.side + 1));
    piece.top = static_cast<int>(unit(random) * (size.height - piece.side + 1));
    piece.mirrored = (random() & 1u) != 0;
    piece.strength = kStrengths[i % std::size(kStrengths)];
    pieces.push_back(piece);
  }
  return pieces;
}

Image cut_piece(const Image& frame, const Piece& piece, int side) {
  Image cut{3, piece.side, piece.side, {}};
  cut.data.reserve(cut.size());
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < piece.side; ++y) {
      const float* row = frame.data.data() + channel * frame.plane() +
                         static_cast<std::size_t>(piece.top + y) * frame.width + piece.left;
      cut.data.insert(cut.data.end(), row, row + piece.side);
      if (piece.mirrored) std::reverse(cut.data.end() - piece.side, cut.data.end());
    }
  }
  Image content = resize(cut, side, side);
  clamp_to_unit(content);
  return content;
}

Lesson make_lesson(const DetailTools& tools, const Gaussians& style, Image content, Image draft) {
  Lesson lesson{std::move(content), std::move(draft), {}};
  const Carried carried = carry_features(tools, lesson.draft, lesson.content, style, 1);
  const auto layers =
      detail_layers(*tools.encoder, *tools.detailer, lesson.content.height, lesson.content.width);
  for (std::size_t level = 0; level < layers.size(); ++level) {
    std::vector<float> own = carried.features.at(layers[level].name).data;
    own.resize(own.size() + tools.detailer->levels[level].noise * layers[level].shape.plane());
    if (level + 1 == layers.size()) {
      for (const float value : carried.mixed.data) own.push_back(value - 0.5f);
    }
    lesson.own.push_back(std::move(own));
  }
  return lesson;
}

void renew_noise(const Detailer& detailer, const std::vector<DetailLayer>& layers,
                 std::uint32_t seed, Lesson& lesson) {
  for (std::size_t level = 0; level < layers.size(); ++level) {
    const int channels = detailer.levels[level].noise;
    if (channels == 0) continue;
    const FeatureShape& shape = layers[level].shape;
    const std::span<float> values(lesson.own[level].data() + shape.size(),
                                  channels * shape.plane());
    place_noise(seed, noise_place(layers[level]), channels, {0, 0, shape.width, shape.height},
                values);
  }
}

}  // namespace impasto
