// What a quick picture costs, known before it is begun.
#pragma once

#include <string>

#include "optimize/requirements.h"

namespace impasto {

// See make_plan(): the parts of a quick picture in a row.
RunPlan plan_quick(Size content, const Settings& settings, const std::string& network_path,
                   const std::string& draft_network_path, Parts parts);

}  // namespace impasto
