// How the scales of a run stand in memory: at once as long as that fits, for it is quicker, else in
// tiles, and then with as much of the optimizer's memory as there is room for.
#pragma once

#include <cstddef>
#include <vector>

#include "base/settings.h"
#include "network/network.h"
#include "optimize/optimizer.h"
#include "optimize/regions.h"
#include "optimize/schedule.h"

namespace impasto {

struct Footing {
  int tile = 0;  // side of the tiles, px; 0: the picture at once
  StepMemory steps;
  std::size_t bytes = 0;
  std::size_t evaluation_bytes = 0;  // of those, what a device needs for an evaluation
  bool alone = false;  // memory is short: sessions kept for the next run are dropped before
};

// What a run's memory depends on.
struct Demand {
  const Network& network;
  const Settings& settings;
  Size content;  // as it was given
  Size result;
  Parts parts;
};

// Bytes.
struct Room {
  double most = 0;
  double at_once = 0;  // of those, for pictures at once
  double device = 0;   // of a GPU with memory of its own, for evaluations; infinite for any other
};

// One for each scale; the last one's is the peak. When nothing fits, the least there is.
std::vector<Footing> find_footings(const Demand& demand, const std::vector<Scale>& scales,
                                   const Room& room);

// The next smaller tiles after a failure for memory; 0 when there are none.
int smaller_tile(const Demand& demand, Size size, int tile);

}  // namespace impasto
