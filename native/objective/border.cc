#include "objective/border.h"

#include <algorithm>

namespace impasto {
namespace {

// Where row or column `index` of the padded picture comes from; -1 for zeros.
int source_of(int index, int size, Padding padding) {
  const int source = index - 1;
  if (source >= 0 && source < size) return source;
  switch (padding) {
    case Padding::kZero:
      return -1;
    case Padding::kReplicate:
      return source < 0 ? 0 : size - 1;
    case Padding::kReflect:
      return source < 0 ? 1 : size - 2;
  }
  return -1;
}

// Calls visit(channel, padded row's first index, source row's first index) for each row of the
// frame, the index of the source being -1 for a row of zeros.
template <class Visit>
void each_row(int height, int width, const Frame& frame, Padding padding, Visit visit) {
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < frame.height + 2; ++y) {
      const int source = source_of(frame.top + y, height, padding);
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(channel) * height + source;
      const std::ptrdiff_t padded = static_cast<std::ptrdiff_t>(channel) * (frame.height + 2) + y;
      visit(channel, padded * (frame.width + 2), source < 0 ? -1 : row * width);
    }
  }
}

}  // namespace

void normalize_and_pad(std::span<const float> pixels, int height, int width, const Frame& frame,
                       const Network& network, Padding padding, std::span<float> padded) {
  const int left = source_of(frame.left, width, padding);
  const int right = source_of(frame.left + frame.width + 1, width, padding);
  each_row(height, width, frame, padding, [&](int channel, std::ptrdiff_t to, std::ptrdiff_t from) {
    float* target = padded.data() + to;
    if (from < 0) {
      std::fill_n(target, frame.width + 2, 0.0f);
      return;
    }
    const float* source = pixels.data() + from;
    const float mean = network.mean[static_cast<std::size_t>(channel)];
    const float scale = 1 / network.std[static_cast<std::size_t>(channel)];
    const auto normalized = [&](int x) { return (source[x] - mean) * scale; };
    for (int x = 0; x < frame.width; ++x) target[x + 1] = normalized(frame.left + x);
    target[0] = left < 0 ? 0 : normalized(left);
    target[frame.width + 1] = right < 0 ? 0 : normalized(right);
  });
}

void fold_gradient(std::span<const float> padded, int height, int width, const Frame& frame,
                   const Network& network, Padding padding, std::span<float> gradient) {
  const int left = source_of(frame.left, width, padding);
  const int right = source_of(frame.left + frame.width + 1, width, padding);
  each_row(height, width, frame, padding, [&](int channel, std::ptrdiff_t from, std::ptrdiff_t to) {
    if (to < 0) return;
    const float* source = padded.data() + from;
    float* target = gradient.data() + to;
    const float scale = 1 / network.std[static_cast<std::size_t>(channel)];
    for (int x = 0; x < frame.width; ++x) target[frame.left + x] += scale * source[x + 1];
    if (left >= 0) target[left] += scale * source[0];
    if (right >= 0) target[right] += scale * source[frame.width + 1];
  });
}

}  // namespace impasto
