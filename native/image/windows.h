// Large pictures are painted window by window. All windows have one size, so that one session
// serves them; each answers for its inside, away from borders that are not the picture's own.
#pragma once

#include <vector>

namespace impasto {

// Along one direction, px.
struct Span {
  int begin = 0;        // of the window
  int inner_begin = 0;  // what it answers for
  int inner_end = 0;
};

struct Window {
  Span x;
  Span y;
};

struct Windows {
  int width = 0;
  int height = 0;
  std::vector<Window> list;  // their insides cover the picture once
};

// `halo` is a multiple of `multiple`; so are all beginnings, and the ends of insides but at the
// picture's own. What a window's length has beyond a multiple is what the picture's has. A window
// has about `pixels` pixels, or the whole picture when that has no more.
Windows cover(int width, int height, int halo, int multiple, double pixels);

// The same for `workers` that paint windows at the same time, each with its share of `pixels`: as
// many windows and of such a shape that all are done soonest.
Windows share_out(int width, int height, int halo, int multiple, double pixels, int workers);

}  // namespace impasto
