#include "image/windows.h"

#include <algorithm>
#include <cmath>

namespace impasto {
namespace {

int down_to(double value, int multiple) {
  return std::max(1, static_cast<int>(value / multiple)) * multiple;
}

std::vector<Span> spans(int length, int window, int halo, int multiple) {
  if (window >= length) return {{0, 0, length}};
  const int step = down_to(window - 2 * halo, multiple);
  const int count = (length - 2 * halo + step - 1) / step;
  std::vector<Span> result;
  for (int i = 0; i < count; ++i) {
    const double exact = static_cast<double>(i) * (length - window) / (count - 1);
    const int begin = static_cast<int>(exact / multiple) * multiple;
    result.push_back({begin, i == 0 ? 0 : begin + halo, length});
    if (i > 0) result[i - 1].inner_end = result[i].inner_begin;
  }
  return result;
}

// About `wanted`, and a multiple apart from the length, so that the last window begins at one.
int window_length(int length, double wanted, int multiple) {
  if (length <= wanted) return length;
  return std::min(length, down_to(wanted, multiple) + length % multiple);
}

}  // namespace

Windows cover(int width, int height, int halo, int multiple, double pixels) {
  Windows windows{width, height, {}};
  if (static_cast<double>(width) * height > pixels) {
    // As square as the picture lets it be, and never so small that nothing is left between halos.
    const double side = std::sqrt(pixels);
    const double least = 4.0 * halo;
    const auto wanted = [&](int across) { return std::max({least, side, pixels / across}); };
    windows.width = window_length(width, width <= side ? width : wanted(height), multiple);
    windows.height = window_length(height, height <= side ? height : wanted(width), multiple);
  }
  for (const Span& y : spans(height, windows.height, halo, multiple)) {
    for (const Span& x : spans(width, windows.width, halo, multiple)) {
      windows.list.push_back({x, y});
    }
  }
  return windows;
}

}  // namespace impasto
