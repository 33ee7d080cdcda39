// What the detail of a quick picture takes of its styles.
#pragma once

#include <cstddef>

#include "detail/detail.h"
#include "objective/gaussian.h"
#include "optimize/scene.h"

namespace impasto {

// Of the styles of a region at the scene's size, as one by their weights. Measured, or from the
// cache.
Gaussians style_statistics(const DetailTools& tools, const Sources& sources, const Scene& scene,
                           std::size_t region);

}  // namespace impasto
