// A picture in tiles whose features and gradients are those of the whole: each tile has a halo as
// wide as the network sees, begins where every pool begins a pair, and shares the picture's border
// where it lies at one. What counts is the tile's inside; the insides cover each layer once.
#pragma once

#include <span>
#include <vector>

#include "image/windows.h"
#include "objective/border.h"
#include "objective/mask.h"
#include "objective/model.h"

namespace impasto {

// As cover(): tiles of about side × side pixels, of the depth that the problem looks at.
Windows cut_into_tiles(const Network& network, const Problem& problem, int side);

// The problem that one tile poses, and a tile's place in the picture.
Problem problem_of_tile(const Problem& problem, const Windows& tiles);
Frame frame_of(const Windows& tiles, const Window& tile);

// The tile's inside at a layer of the network's block `block`, in the tile's own positions.
struct Inside {
  int top = 0;
  int left = 0;
  int height = 0;
  int width = 0;
};
Inside inside_of(const Window& tile, int block, int height, int width);

// What each position of a tile's map counts for, [map_height, map_width]: `whole` inside, nothing
// in the halo. `whole`: of the picture, [whole_width wide], or empty where all count alike. Returns
// the sum.
double fill_tile_mask(const Window& tile, int block, const Inside& inside,
                      std::span<const float> whole, int whole_width, int map_width,
                      std::span<float> mask);

}  // namespace impasto
