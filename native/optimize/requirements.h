// What a run needs, known before it starts: layers, memory, time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/settings.h"
#include "network/network.h"
#include "optimize/footing.h"
#include "optimize/regions.h"
#include "optimize/schedule.h"

namespace impasto {

// Throws Error("layer-missing") naming the layers that the network has.
void check_layers(const Network& network, const std::vector<std::string>& style_layers,
                  const std::vector<std::string>& content_layers);

// The memory that a run may take now.
Room room_for(const Settings& settings);

// find_footings() in the memory that is there. Throws Error("out-of-memory") with the largest size
// that fits.
std::vector<Footing> require_footings(const Demand& demand, const std::vector<Scale>& scales);

struct RunPlan {
  Size size;
  std::vector<Scale> scales;
  std::vector<Footing> footings;  // by scale
  std::vector<double> seconds_per_iteration;
  std::size_t peak_bytes = 0;
  double seconds = 0;
  bool fits = true;
  int largest_size = 0;
  std::string device;
};

// Times one small evaluation on the device that a run would take (kept per network, layers, kinds
// of style loss and pool, threads and device) and scales it by the pixels.
RunPlan make_plan(Size content, const Settings& settings, const std::string& network_path,
                  Parts parts);

}  // namespace impasto
