// Measured styles, kept by the content of their pixels: a batch measures its style once for each
// scale.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "image/picture.h"
#include "objective/gaussian.h"
#include "objective/objective.h"

namespace impasto {

// Identifies pixels, size and transparency.
std::string content_key(const Picture& picture);

// [any thread] The style under `key`, or what `measure` returns, which is then kept. The least
// recently used goes first when there are many.
MeasuredStyle cached_style(const std::string& key, const std::function<MeasuredStyle()>& measure);
Gaussians cached_gaussians(const std::string& key, const std::function<Gaussians()>& measure);

}  // namespace impasto
