#include "paint/style_statistics.h"

#include <algorithm>
#include <string>
#include <vector>

#include "optimize/style_cache.h"
#include "ort/status.h"

namespace impasto {

Gaussians style_statistics(const DetailTools& tools, const Sources& sources, const Scene& scene,
                           std::size_t region) {
  Gaussians blended;
  for (const std::size_t i : scene.styles_of(region)) {
    const double weight = sources.styles[i].weight;
    if (weight == 0) continue;
    const Picture style = scene.style(i);
    const std::string key =
        content_key(style) + tools.encoder->identity + ":" + ort::device_word(tools.device.kind);
    const Gaussians measured =
        cached_gaussians(key, [&] { return measure_gaussians(tools, style); });
    for (auto [layer, statistics] : measured) {
      const std::vector<std::size_t> counting = scene.styles_at(layer, region);
      // A layer that the draft did not look at may have none of its own.
      const bool counts = std::find(counting.begin(), counting.end(), i) != counting.end();
      if (!counting.empty() && !counts) continue;
      statistics.area = weight;
      merge(blended[layer], statistics);
    }
  }
  return blended;
}

}  // namespace impasto
