// The ways to paint, behind one call.
#pragma once

#include <string>

#include "optimize/engine.h"
#include "optimize/requirements.h"

namespace impasto {

// By the request's method. Throws Error; "cancelled" when the host says so.
Result paint(const Request& request, Host& host);

// What a request would cost, by its method; see make_plan().
RunPlan plan_painting(Size content, const Settings& settings, const std::string& network_path,
                      const std::string& draft_network_path, Parts parts);

}  // namespace impasto
