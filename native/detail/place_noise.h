// Noise that is a function of seed and place alone, so that every tile of a picture, every engine
// and every frame of a sequence sees the same.
#pragma once

#include <cstdint>
#include <span>

namespace impasto {

// A part of a map: `left`, `top` are its place in the whole.
struct NoiseWindow {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

// `values`: [channels, height, width], uniform with mean 0 and deviation 1.
void place_noise(std::uint32_t seed, int level, int channels, const NoiseWindow& window,
                 std::span<float> values);

}  // namespace impasto
