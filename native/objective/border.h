// Between pixels and what the network takes: normalized by the network's mean and std, with one
// pixel of padding around. Doing it here leaves one graph for every kind of padding. As in
// crowsonkb 2021 the choice concerns the picture alone; deeper convolutions pad with zeros.
#pragma once

#include <span>

#include "base/settings.h"
#include "network/network.h"

namespace impasto {

// A part of a picture, px.
struct Frame {
  int top = 0;
  int left = 0;
  int height = 0;
  int width = 0;
};

// pixels [3, H, W] → the frame with what stands around it, [3, frame.height + 2, frame.width + 2].
void normalize_and_pad(std::span<const float> pixels, int height, int width, const Frame& frame,
                       const Network& network, Padding padding, std::span<float> padded);

// The transpose, added: gradient with respect to `padded` → with respect to `pixels`.
void fold_gradient(std::span<const float> padded, int height, int width, const Frame& frame,
                   const Network& network, Padding padding, std::span<float> gradient);

}  // namespace impasto
