#include "image/canvas.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace impasto {
namespace {

// Mirrored at the outermost pixel, which is not repeated.
int mirrored(int i, int n) {
  if (i < 0) return -i;
  return i < n ? i : 2 * n - 2 - i;
}

// Beyond one side stands the other.
int wrapped(int i, int n) { return (i % n + n) % n; }

bool wraps_x(Seamless seamless) {
  return seamless == Seamless::kHorizontal || seamless == Seamless::kBoth;
}
bool wraps_y(Seamless seamless) {
  return seamless == Seamless::kVertical || seamless == Seamless::kBoth;
}

// Of a side's length, where it fades: empirical, wide enough that no edge is left.
constexpr int kFadingPart = 6;

// Along one axis: pixels `stride` apart, `n` of them.
void join(float* line, std::size_t stride, int n) {
  const int reach = n / kFadingPart;
  for (int i = 0; i < reach; ++i) {
    const double share = (1 + std::cos(std::numbers::pi * i / reach)) / 4;
    float& one = line[static_cast<std::size_t>(i) * stride];
    float& other = line[static_cast<std::size_t>(n - 1 - i) * stride];
    const float step = static_cast<float>(share * (static_cast<double>(other) - one));
    one += step;
    other -= step;
  }
}

// Along one axis of a canvas: pixels `stride` apart, `n` of them without the margin. Each that is
// in the margin has a copy within, and no pixel has more than two when n ≥ 2·margin.
void share(std::span<float> gradient, std::size_t first, std::size_t stride, int n) {
  const auto at = [&](int i) -> float& {
    return gradient[first + static_cast<std::size_t>(i + kCanvasMargin) * stride];
  };
  for (int i = 0; i < kCanvasMargin; ++i) {
    const float left = (at(i) + at(i + n)) / 2;
    const float right = (at(n - 1 - i) + at(-1 - i)) / 2;
    at(i) = at(i + n) = left;
    at(n - 1 - i) = at(-1 - i) = right;
  }
}

}  // namespace

Image extend(const Image& picture, Seamless seamless) {
  Image canvas{
      picture.channels, picture.height + 2 * kCanvasMargin, picture.width + 2 * kCanvasMargin, {}};
  canvas.data.reserve(canvas.size());
  const auto row_at = wraps_y(seamless) ? wrapped : mirrored;
  const auto column_at = wraps_x(seamless) ? wrapped : mirrored;
  for (int c = 0; c < picture.channels; ++c) {
    for (int y = 0; y < canvas.height; ++y) {
      const float* row =
          picture.data.data() + c * picture.plane() +
          static_cast<std::size_t>(row_at(y - kCanvasMargin, picture.height)) * picture.width;
      for (int x = 0; x < canvas.width; ++x)
        canvas.data.push_back(row[column_at(x - kCanvasMargin, picture.width)]);
    }
  }
  return canvas;
}

void join_sides(Image& picture, Seamless seamless) {
  const std::size_t columns = static_cast<std::size_t>(picture.width);
  const std::size_t rows = static_cast<std::size_t>(picture.height);
  for (int c = 0; c < picture.channels; ++c) {
    float* plane = picture.data.data() + c * picture.plane();
    for (std::size_t y = 0; wraps_x(seamless) && y < rows; ++y)
      join(plane + y * columns, 1, picture.width);
    for (std::size_t x = 0; wraps_y(seamless) && x < columns; ++x)
      join(plane + x, columns, picture.height);
  }
}

Image crop(const Image& canvas) {
  Image picture{
      canvas.channels, canvas.height - 2 * kCanvasMargin, canvas.width - 2 * kCanvasMargin, {}};
  picture.data.reserve(picture.size());
  for (int c = 0; c < picture.channels; ++c) {
    for (int y = 0; y < picture.height; ++y) {
      const auto row =
          canvas.data.begin() +
          static_cast<std::ptrdiff_t>(c * canvas.plane() +
                                      static_cast<std::size_t>(y + kCanvasMargin) * canvas.width +
                                      kCanvasMargin);
      picture.data.insert(picture.data.end(), row, row + picture.width);
    }
  }
  return picture;
}

void keep_seamless(std::span<float> gradient, int height, int width, Seamless seamless) {
  const std::size_t columns = static_cast<std::size_t>(width);
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t plane = c * columns * static_cast<std::size_t>(height);
    for (std::size_t y = 0; wraps_x(seamless) && y < static_cast<std::size_t>(height); ++y)
      share(gradient, plane + y * columns, 1, width - 2 * kCanvasMargin);
    for (std::size_t x = 0; wraps_y(seamless) && x < columns; ++x)
      share(gradient, plane + x, columns, height - 2 * kCanvasMargin);
  }
}

}  // namespace impasto
