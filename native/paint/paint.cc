#include "paint/paint.h"

#include "paint/quick.h"
#include "paint/quick_plan.h"

namespace impasto {

Result paint(const Request& request, Host& host) {
  return request.settings.method == Method::kQuick ? paint_quick(request, host)
                                                   : stylize(request, host);
}

RunPlan plan_painting(Size content, const Settings& settings, const std::string& network_path,
                      const std::string& draft_network_path, Parts parts) {
  return settings.method == Method::kQuick
             ? plan_quick(content, settings, network_path, draft_network_path, parts)
             : make_plan(content, settings, network_path, parts);
}

}  // namespace impasto
