#include "image/canvas.h"

#include <algorithm>

namespace impasto {
namespace {

// Mirrored at the outermost pixel, which is not repeated.
int mirrored(int i, int n) {
  if (i < 0) return -i;
  return i < n ? i : 2 * n - 2 - i;
}

}  // namespace

Image extend(const Image& picture) {
  Image canvas{
      picture.channels, picture.height + 2 * kCanvasMargin, picture.width + 2 * kCanvasMargin, {}};
  canvas.data.reserve(canvas.size());
  for (int c = 0; c < picture.channels; ++c) {
    for (int y = 0; y < canvas.height; ++y) {
      const float* row =
          picture.data.data() + c * picture.plane() +
          static_cast<std::size_t>(mirrored(y - kCanvasMargin, picture.height)) * picture.width;
      for (int x = 0; x < canvas.width; ++x)
        canvas.data.push_back(row[mirrored(x - kCanvasMargin, picture.width)]);
    }
  }
  return canvas;
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

}  // namespace impasto
