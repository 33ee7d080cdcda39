// The sizes that a quick picture goes through, and how much work each is.
#pragma once

#include <string>
#include <vector>

#include "base/settings.h"
#include "optimize/schedule.h"

namespace impasto {

// Sizes from the draft's to the result's, by equal steps of ×2 at most.
std::vector<Size> quick_sizes(Size result, const Settings& settings);

// The optimizer goes over the picture of this step for so many updates, when another step follows.
constexpr std::size_t kMiddle = 1;
int middle_updates(const std::vector<Size>& sizes, const Settings& settings);

// Work is in units of one evaluation of one pixel by the network of the draft, at a size of some
// hundred pixels. A pass of the detailer takes about as long as one evaluation. Measured.
constexpr double kDraftWork = 1.2;
constexpr double kDetailWork = 1;

// Of one evaluation of a pixel by the network that polishes.
double polish_work_per_pixel(const std::string& network_path,
                             const std::string& draft_network_path);

}  // namespace impasto
