// What a frame of a sequence takes over from the one before it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "objective/gaussian.h"

namespace impasto {

struct Shot {
  Image content;  // of the frame before, at the draft's size, as the network sees it
  Image draft;    // its draft, of the same size
  Image result;   // as it left the last detail step, 8 bits a value
  std::vector<Gaussians> content_statistics;  // of the shot so far, by detail step
};

std::vector<std::uint8_t> save_shot(const Shot& shot);

// Throws Error("bad-request") when the bytes are none of ours.
Shot load_shot(std::span<const std::uint8_t> bytes);

}  // namespace impasto
