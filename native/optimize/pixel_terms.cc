#include "optimize/pixel_terms.h"

#include <algorithm>
#include <vector>

#include "optimize/balance.h"

namespace impasto {
namespace {

// Of the matting Laplacian where the style term's weight is 1; empirical.
constexpr double kMattingWeight = 30;

}  // namespace

PixelTerms::PixelTerms(const Settings& settings, const Image& content, const Image& reference) {
  std::vector<float> unused(reference.size());
  for (const auto& term : settings.content_terms) {
    if (term.loss != ContentLoss::kLaplacian) continue;
    laplacian_.emplace(content);
    laplacian_weight_ = term.weight;
    laplacian_share_ = term.weight / sum_of_weights(settings.content_terms) /
                       std::max(kSmallestLoss, laplacian_->add(reference.data, 0, unused));
  }
  if (settings.photoreal == Photoreal::kMatting && settings.photoreal_share > 0) {
    matting_.emplace(content);
    const double of_style = std::max(kSmallestLoss, matting_->add(reference.data, 0, unused));
    matting_weight_ = kMattingWeight * settings.photoreal_share / of_style;
  }
}

double PixelTerms::add(std::span<const float> pixels, const LiveSettings& live,
                       std::span<float> gradient) const {
  double sum = 0;
  if (laplacian_) {
    const double weight =
        live.content_weight ? *live.content_weight * laplacian_weight_ : laplacian_share_;
    sum += weight * laplacian_->add(pixels, weight, gradient);
  }
  if (matting_) {
    // It holds against the style, so it is as strong as the style at every strength.
    const double weight = matting_weight_ * live.style_weight.value_or(live.style_to_content);
    sum += weight * matting_->add(pixels, weight, gradient);
  }
  return sum;
}

std::size_t PixelTerms::bytes(const Settings& settings, Size size) {
  if (settings.photoreal != Photoreal::kMatting) return 0;
  return MattingLaplacian::bytes(static_cast<std::size_t>(size.width) * size.height);
}

}  // namespace impasto
