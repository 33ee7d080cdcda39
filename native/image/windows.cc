#include "image/windows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace impasto {
namespace {

int down_to(double value, int multiple) {
  return std::max(1, static_cast<int>(value / multiple)) * multiple;
}

int up_to(double value, int multiple) {
  return static_cast<int>(std::ceil(value / multiple)) * multiple;
}

// As long as it takes to cover `length` with as few windows of about `side` as can be: shorter ones
// would overlap more, longer ones cover the same twice. A multiple apart from the length, so that
// the last window begins at one.
int window_length(int length, double side, int halo, int multiple) {
  if (length <= side) return length;
  // Never so small that little is left between halos.
  const double step = std::max<double>(side - 2 * halo, 2 * halo);
  const double count = std::max(1.0, std::ceil((length - 2 * halo) / step));
  const int inside = up_to((length - 2 * halo) / count, multiple);
  return std::min(length, inside + 2 * halo + length % multiple);
}

std::vector<Span> spans(int length, int window, int halo, int multiple) {
  if (window >= length) return {{0, 0, length}};
  const int step = down_to(window - 2 * halo, multiple);
  const int count = 1 + (length - window + step - 1) / step;
  std::vector<Span> result;
  for (int i = 0; i < count; ++i) {
    const double exact = static_cast<double>(i) * (length - window) / (count - 1);
    const int begin = static_cast<int>(exact / multiple) * multiple;
    result.push_back({begin, i == 0 ? 0 : begin + halo, length});
    if (i > 0) result[i - 1].inner_end = result[i].inner_begin;
  }
  return result;
}

Windows covering(int width, int height, Windows windows, int halo, int multiple) {
  for (const Span& y : spans(height, windows.height, halo, multiple)) {
    for (const Span& x : spans(width, windows.width, halo, multiple)) {
      windows.list.push_back({x, y});
    }
  }
  return windows;
}

// Of `count` windows along a direction.
int length_of(int length, int count, int halo, int multiple) {
  if (count == 1) return length;
  const int inside = up_to(static_cast<double>(length - 2 * halo) / count, multiple);
  return std::min(length, inside + 2 * halo + length % multiple);
}

// What one window costs beside its pixels, in pixels: its turn, and threads that wait for others.
constexpr double kWindowCost = 2000;

}  // namespace

Windows cover(int width, int height, int halo, int multiple, double pixels) {
  Windows windows{width, height, {}};
  if (static_cast<double>(width) * height > pixels) {
    // As square as the picture lets it be.
    const double side = std::sqrt(pixels);
    windows.width = window_length(width, std::max(side, pixels / height), halo, multiple);
    windows.height = window_length(height, std::max(side, pixels / width), halo, multiple);
  }
  return covering(width, height, windows, halo, multiple);
}

Windows share_out(int width, int height, int halo, int multiple, double pixels, int workers) {
  const double most = pixels / workers;
  Windows best;
  double least = std::numeric_limits<double>::infinity();
  // Windows narrower than their halos would be all overlap.
  const auto counts = [&](int length) {
    return std::max(1, (length - 2 * halo) / std::max(2 * halo, multiple));
  };
  for (int down = 1; down <= counts(height); ++down) {
    for (int across = 1; across <= counts(width); ++across) {
      const Windows windows{
          length_of(width, across, halo, multiple), length_of(height, down, halo, multiple), {}};
      const double area = static_cast<double>(windows.width) * windows.height;
      const double rounds = std::ceil(static_cast<double>(across) * down / workers);
      const bool smallest = down == counts(height) && across == counts(width);
      if (area > most && !(smallest && best.width == 0)) continue;
      const double cost = rounds * (area + kWindowCost);
      if (cost >= least) continue;
      least = cost;
      best = windows;
    }
  }
  return covering(width, height, best, halo, multiple);
}

}  // namespace impasto
