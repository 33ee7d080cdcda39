#include "optimize/region_notes.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "objective/mask.h"

namespace impasto {

std::string name_styles(const std::vector<std::size_t>& styles, std::size_t count) {
  if (count == 1) return "The part for the style";
  std::string numbers;
  for (std::size_t i = 0; i < styles.size(); ++i) {
    if (i > 0) numbers += i + 1 == styles.size() ? " and " : ", ";
    numbers += std::to_string(styles[i] + 1);
  }
  return std::string("The part for style") + (styles.size() > 1 ? "s " : " ") + numbers;
}

std::string note_missing_layers(const std::string& part, const std::vector<std::string>& wanted,
                                const std::vector<std::string>& has) {
  std::string missing;
  for (const std::string& layer : wanted) {
    if (std::find(has.begin(), has.end(), layer) != has.end()) continue;
    missing += (missing.empty() ? "" : ", ") + layer;
  }
  if (missing.empty()) return {};
  return part + " is too small for the style's larger shapes (" + missing +
         "): it takes colors and finer strokes alone.";
}

void refuse_small_part(const std::string& part) {
  throw Error("bad-request", part + " is too small to paint: next to nothing of its mask is left.",
              "Paint more of the mask white, keep it clear of what is protected, or choose a "
              "larger size.");
}

void require_paintable(const Image& visible) {
  const double area = std::accumulate(visible.data.begin(), visible.data.end(), 0.0);
  // So much that something is left of it at the smallest scale and the deepest block.
  constexpr double kLeastShare = 1e-4;
  if (area >= std::max(kFewestPositions, kLeastShare * static_cast<double>(visible.plane())))
    return;
  throw Error("bad-request", "Everything that can be seen of the content is protected.",
              "Leave some of the mask of what stays black.");
}

}  // namespace impasto
