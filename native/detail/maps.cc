#include "detail/maps.h"

#include <algorithm>
#include <cstddef>

namespace impasto {

int up_to_multiple(int size) { return (size + kMultiple - 1) / kMultiple * kMultiple; }

Image pad_up(Image image) {
  Image padded{image.channels, up_to_multiple(image.height), up_to_multiple(image.width), {}};
  if (padded.height == image.height && padded.width == image.width) return image;
  padded.data.resize(padded.size());
  cut(image, {}, padded.height, padded.width, 0, padded.data);
  return padded;
}

Window shrunk(const Window& window, int shrink) {
  const auto smaller = [shrink](const Span& span) {
    return Span{span.begin / shrink, span.inner_begin / shrink, span.inner_end / shrink};
  };
  return {smaller(window.x), smaller(window.y)};
}

void cut(const Image& maps, const Window& window, int height, int width, int around,
         std::span<float> part) {
  const int left = window.x.begin - around;
  const int count = width + 2 * around;
  // What is repeated before and after the maps' own columns.
  const int before = std::clamp(-left, 0, count);
  const int own = std::clamp(maps.width - std::max(left, 0), 0, count - before);
  float* out = part.data();
  for (int channel = 0; channel < maps.channels; ++channel) {
    const float* plane = maps.data.data() + static_cast<std::size_t>(channel) * maps.plane();
    for (int y = window.y.begin - around; y < window.y.begin + height + around; ++y) {
      const float* row =
          plane + static_cast<std::size_t>(std::clamp(y, 0, maps.height - 1)) * maps.width;
      out = std::fill_n(out, before, row[0]);
      out = std::copy_n(row + std::max(left, 0), own, out);
      out = std::fill_n(out, count - before - own, row[maps.width - 1]);
    }
  }
}

void paste(std::span<const float> part, int height, int width, const Window& window, Image& maps) {
  const int right = std::min(window.x.inner_end, maps.width);
  const int bottom = std::min(window.y.inner_end, maps.height);
  for (int channel = 0; channel < maps.channels; ++channel) {
    for (int y = window.y.inner_begin; y < bottom; ++y) {
      const float* row =
          part.data() + (static_cast<std::size_t>(channel) * height + (y - window.y.begin)) * width;
      std::copy(row + (window.x.inner_begin - window.x.begin), row + (right - window.x.begin),
                maps.data.data() + static_cast<std::size_t>(channel) * maps.plane() +
                    static_cast<std::size_t>(y) * maps.width + window.x.inner_begin);
    }
  }
}

}  // namespace impasto
