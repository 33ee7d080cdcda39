// Draft, detail, polish: the optimizer decides at a small size where large strokes and colors go,
// the detailer enlarges that in one pass a doubling, and the optimizer goes over the result for as
// many updates as the settings grant. A frame of a sequence begins from the draft and the result of
// the one before, moved along (motion.h), and shares its content's statistics with the whole shot,
// so that the painted filter stands still.
#pragma once

#include <string>
#include <vector>

#include "optimize/engine.h"
#include "optimize/requirements.h"

namespace impasto {

// Sizes from the draft's to the result's, by equal steps of ×2 at most.
std::vector<Size> quick_sizes(Size result, const Settings& settings);

// Throws Error; "cancelled" when the host says so.
Result paint_quick(const Request& request, Host& host);

// What a request would cost; see make_plan().
RunPlan plan_quick(Size content, const Settings& settings, const std::string& network_path,
                   const std::string& draft_network_path, Parts parts);

}  // namespace impasto
