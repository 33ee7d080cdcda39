#include "paint/quick_plan.h"

#include <algorithm>

#include "detail/detail.h"
#include "optimize/engine.h"
#include "paint/quick_sizes.h"

namespace impasto {
namespace {

// What stands while details are added, at a result's size.
double detail_bytes(Size result, const Settings& settings, int planes) {
  const double pictures = planes * sizeof(float) * result.pixels();
  return predict_detail_bytes({settings.device, settings.threads}, result.height, result.width) +
         pictures;
}

// The longest side, up to the result's, at which they fit.
int largest_detailed(Size result, const Settings& settings, double most, int planes) {
  if (detail_bytes(result, settings, planes) <= most) return result.long_side();
  int low = 0, high = result.long_side();
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    const Size size = with_long_side(result, middle);
    (detail_bytes(size, settings, planes) <= most ? low : high) = middle;
  }
  return low;
}

}  // namespace

RunPlan plan_quick(Size content, const Settings& settings, const std::string& network_path,
                   const std::string& draft_network_path, Parts parts) {
  const Size result = result_size(content, settings);
  const std::vector<Size> sizes = quick_sizes(result, settings);
  const auto part = [&](Size size, int iterations, const std::string& path) {
    Settings of_part = settings;
    of_part.method = Method::kOptimize;
    of_part.size = of_part.min_scale = size.long_side();
    of_part.first_iterations = iterations;
    return make_plan(size, of_part, path, parts);
  };
  RunPlan plan = part(sizes.front(), settings.first_iterations, draft_network_path);
  plan.size = result;
  const double per_pixel = plan.seconds_per_iteration.front() / sizes.front().pixels();
  const int passes = std::max(1, parts.regions);
  // Content in the request and at its size, mixture, and result; with masks those, and what the
  // regions before have painted.
  const int planes = 4 * 3 + (parts.masked || parts.regions > 0 ? 3 + 3 + 2 * passes : 0);
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    const double seconds = kDetailWork * per_pixel * sizes[i].pixels();
    const int count = passes + (i == kMiddle ? middle_updates(sizes, settings) : 0);
    plan.scales.push_back({sizes[i], count});
    plan.footings.push_back({});
    plan.seconds_per_iteration.push_back(seconds);
    plan.seconds += count * seconds;
  }
  const double peak = sizes.size() > 1 ? detail_bytes(result, settings, planes) : 0;
  plan.peak_bytes = std::max(plan.peak_bytes, static_cast<std::size_t>(peak));
  const double most = room_for(settings).most;
  plan.fits = plan.fits && peak <= most;
  plan.largest_size = largest_detailed(result, settings, most, planes);
  if (settings.iterations == 0) return plan;
  const RunPlan polish = part(result, settings.iterations, network_path);
  plan.scales.push_back(polish.scales.back());
  plan.footings.push_back(polish.footings.back());
  plan.seconds_per_iteration.push_back(polish.seconds_per_iteration.back());
  plan.seconds += polish.seconds;
  plan.peak_bytes = std::max(plan.peak_bytes, polish.peak_bytes);
  plan.fits = plan.fits && polish.fits;
  plan.largest_size = std::min(plan.largest_size, polish.largest_size);
  return plan;
}

}  // namespace impasto
