#include "objective/tiles.h"

#include <algorithm>

namespace impasto {
namespace {

struct Reach {
  int halo = 0;  // px
  int grid = 1;  // px that the pools in use make one
};

// Rows along a cut that a layer cannot know, from the pixels on: each convolution loses one, but
// the first, which is given the pixels beyond the cut.
Reach reach_of(const Network& network, std::size_t depth) {
  Reach reach;
  int lost = 0;
  int worst = 0;
  for (std::size_t i = 1; i < depth; ++i) {
    const int blocks =
        block_of(network.convolutions[i].layer) - block_of(network.convolutions[i - 1].layer);
    if (blocks > 0) {
      lost = (lost + 1) / 2;
      reach.grid *= 2;
    }
    ++lost;
    worst = std::max(worst, lost * reach.grid);
  }
  reach.halo = (worst + reach.grid - 1) / reach.grid * reach.grid;
  return reach;
}

int end_at(int inner_end, int length, int scale) {
  return inner_end == length ? length / scale : inner_end / scale;
}

Reach reach_of(const Network& network, const Problem& problem) {
  return reach_of(network, depth_of(network, problem.style_layers, problem.content_layers));
}

}  // namespace

int smallest_tile(const Network& network, const Problem& problem) {
  const Reach reach = reach_of(network, problem);
  return 4 * std::max(reach.halo, reach.grid);
}

Windows cut_into_tiles(const Network& network, const Problem& problem, int side) {
  const Reach reach = reach_of(network, problem);
  return cover(problem.width, problem.height, reach.halo, reach.grid,
               static_cast<double>(side) * side);
}

Problem problem_of_tile(const Problem& problem, const Windows& tiles) {
  Problem tile = problem;
  tile.height = tiles.height;
  tile.width = tiles.width;
  return tile;
}

Frame frame_of(const Windows& tiles, const Window& tile) {
  return {tile.y.begin, tile.x.begin, tiles.height, tiles.width};
}

Inside inside_of(const Window& tile, int block, int height, int width) {
  const int scale = 1 << (block - 1);
  const int top = tile.y.inner_begin / scale;
  const int left = tile.x.inner_begin / scale;
  return {top - tile.y.begin / scale, left - tile.x.begin / scale,
          end_at(tile.y.inner_end, height, scale) - top,
          end_at(tile.x.inner_end, width, scale) - left};
}

double fill_tile_mask(const Window& tile, int block, const Inside& inside,
                      std::span<const float> whole, int whole_width, int map_width,
                      std::span<float> mask) {
  const int scale = 1 << (block - 1);
  std::fill(mask.begin(), mask.end(), 0.0f);
  double sum = 0;
  for (int y = inside.top; y < inside.top + inside.height; ++y) {
    float* row = mask.data() + static_cast<std::size_t>(y) * map_width;
    const std::size_t from =
        static_cast<std::size_t>(tile.y.begin / scale + y) * whole_width + tile.x.begin / scale;
    for (int x = inside.left; x < inside.left + inside.width; ++x) {
      row[x] = whole.empty() ? 1.0f : whole[from + x];
      sum += row[x];
    }
  }
  return sum;
}

}  // namespace impasto
