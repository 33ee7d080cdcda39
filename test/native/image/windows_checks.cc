// Windows of large pictures: what they answer for covers the picture once, halo away from borders
// that are not the picture's own.
#include "image/windows.h"

#include <algorithm>
#include <set>
#include <utility>

#include "check.h"

using namespace impasto;

namespace {

struct Grid {
  int halo;
  int multiple;
};

void check_span(const Span& span, int window, int length, const Grid& grid) {
  CHECK(span.begin >= 0 && span.begin + window <= length);
  CHECK(span.begin % grid.multiple == 0);
  CHECK(span.inner_begin < span.inner_end);
  CHECK(span.inner_begin % grid.multiple == 0);
  CHECK(span.inner_end % grid.multiple == 0 || span.inner_end == length);
  CHECK(span.inner_begin == 0 || span.inner_begin - span.begin >= grid.halo);
  CHECK(span.inner_end == length || span.begin + window - span.inner_end >= grid.halo);
}

// One after the other, from one border to the other.
void check_row(const std::set<std::pair<int, int>>& insides, int length) {
  int end = 0;
  for (const auto& [inner_begin, inner_end] : insides) {
    CHECK(inner_begin == end);
    end = inner_end;
  }
  CHECK(end == length);
}

void check_windows(const Windows& windows, int width, int height, const Grid& grid) {
  CHECK(windows.width >= 1 && windows.width <= width);
  CHECK(windows.height >= 1 && windows.height <= height);
  CHECK(windows.width % grid.multiple == width % grid.multiple || windows.width == width);
  CHECK(windows.height % grid.multiple == height % grid.multiple || windows.height == height);
  std::set<std::pair<int, int>> across, down;
  for (const Window& window : windows.list) {
    check_span(window.x, windows.width, width, grid);
    check_span(window.y, windows.height, height, grid);
    across.emplace(window.x.inner_begin, window.x.inner_end);
    down.emplace(window.y.inner_begin, window.y.inner_end);
  }
  check_row(across, width);
  check_row(down, height);
  CHECK(windows.list.size() == across.size() * down.size());
}

double area(const Windows& windows) {
  return static_cast<double>(windows.width) * windows.height;
}

void check_sharing(const Windows& windows, int width, int height, const Grid& grid, double share) {
  const auto smallest = [&](int length) { return std::min(length, 5 * (2 * grid.halo + grid.multiple)); };
  CHECK(area(windows) <= share ||
        (windows.width <= smallest(width) && windows.height <= smallest(height)));
}

}  // namespace

int main() {
  const int sides[] = {1, 15, 16, 17, 33, 97, 176, 255, 512, 1001, 4099, 16384};
  for (const Grid& grid : {Grid{16, 16}, Grid{64, 16}, Grid{0, 16}, Grid{32, 2}}) {
    for (const int width : sides) {
      for (const int height : sides) {
        for (const double pixels : {1.0, 4096.0, 1e5, 8e5, 3.2e6, 1e12}) {
          check_windows(cover(width, height, grid.halo, grid.multiple, pixels), width, height,
                        grid);
          if (static_cast<double>(width) * height > 1e3 * pixels) continue;
          for (const int workers : {1, 4}) {
            const Windows shared =
                share_out(width, height, grid.halo, grid.multiple, pixels, workers);
            check_windows(shared, width, height, grid);
            check_sharing(shared, width, height, grid, pixels / workers);
          }
        }
      }
    }
  }
  return failed_checks == 0 ? 0 : 1;
}
