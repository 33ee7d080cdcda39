// What the detailer learns from: pieces of the frames, each with a picture of half the size and
// what the decoder reads of the two.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "detail/detail.h"
#include "detail/detail_graph.h"
#include "optimize/engine.h"
#include "optimize/scene.h"

namespace impasto {

struct Lesson {
  Image content;                        // [3, side, side]; the side is a multiple of 32
  Image draft;                          // [3, side / 2, side / 2]
  std::vector<std::vector<float>> own;  // by level: what it reads itself, its noise still empty
};

// A square piece of a frame.
struct Piece {
  std::size_t frame = 0;
  int left = 0;
  int top = 0;
  int side = 0;
  bool mirrored = false;
  double strength = 1;  // factor on the style's weight in the draft
};

// `count` pieces of frames of these sizes, as evenly as can be; a function of the seed.
std::vector<Piece> choose_pieces(const std::vector<Size>& frames, std::size_t count,
                                 std::uint32_t seed);

// The piece as a lesson's content, [3, side, side].
Image cut_piece(const Image& frame, const Piece& piece, int side);

// `draft`: as made by the optimizer, or by the detailer before. `style`: statistics of the style
// picture as it stands beside a result of this size.
Lesson make_lesson(const DetailTools& tools, const Gaussians& style, Image content, Image draft);

// Noise of another seed, in the place that it has among what the levels read.
void renew_noise(const Detailer& detailer, const std::vector<DetailLayer>& layers,
                 std::uint32_t seed, Lesson& lesson);

}  // namespace impasto
