// Terms of a run's objective that compare pixels with the content's, not features: they need no
// graph and no device. Each is relative to what it is where the bare style stands in the content's
// place, as the content loss is (balance.h).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/settings.h"
#include "base/tensor.h"
#include "objective/laplacian_loss.h"
#include "objective/matting.h"
#include "optimize/schedule.h"

namespace impasto {

class PixelTerms {
 public:
  // `content` and `reference`, a picture of the style, of one size.
  PixelTerms(const Settings& settings, const Image& content, const Image& reference);

  // The weighted sum at `pixels`, [3, H, W]; its gradient is added.
  double add(std::span<const float> pixels, const LiveSettings& live,
             std::span<float> gradient) const;

  static std::size_t bytes(const Settings& settings, Size size);

 private:
  std::optional<LaplacianLoss> laplacian_;
  double laplacian_weight_ = 0;  // in the sum
  double laplacian_share_ = 0;   // of the sum, relative: the weight where strength decides
  std::optional<MattingLaplacian> matting_;
  double matting_weight_ = 0;
};

}  // namespace impasto
