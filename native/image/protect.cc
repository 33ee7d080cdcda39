#include "image/protect.h"

namespace impasto {
namespace {

// Four steps of 8 bits.
constexpr float kSnap = 4.0f / 255;

}  // namespace

void snap_ends(Image& mask) {
  for (float& value : mask.data) {
    if (value <= kSnap) value = 0;
    if (value >= 1 - kSnap) value = 1;
  }
}

void put_back(const Image& original, const Image& mask, std::span<float> painted) {
  const std::size_t plane = mask.plane();
  for (std::size_t i = 0; i < painted.size(); ++i) {
    const float kept = mask.data[i % plane];
    if (kept == 0) continue;
    const float value = original.data[i];
    painted[i] = kept == 1 ? value : painted[i] + kept * (value - painted[i]);
  }
}

void hold_back(const Image& mask, std::span<float> gradient) {
  const std::size_t plane = mask.plane();
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] *= 1 - mask.data[i % plane];
}

}  // namespace impasto
