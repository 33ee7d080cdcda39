// Colors of one picture on another: by luminance alone, by matching mean and covariance, or by
// matching each channel's histogram.
// After Gatys, Bethge, Hertzmann & Shechtman 2016, "Preserving Color in Neural Artistic Style
// Transfer".
#pragma once

#include "base/tensor.h"

namespace impasto {

// The Y of YIQ, in all three channels. rgb: [3, H, W].
Image luminance(const Image& rgb);

// Masks, [1, H, W], say how much each pixel counts in a picture's statistics; null: all alike.

// Shifts and stretches `style`'s luminance to the mean and spread of `content`'s (eq. 10), both as
// from luminance(). The result may leave 0 … 1 by a little and is limited.
Image match_luminance(const Image& style, const Image& content, const Image* style_mask = nullptr,
                      const Image* content_mask = nullptr);

// Puts the luminance of `painted` under the I and Q of `content`; same sizes.
Image replace_luminance(const Image& content, const Image& painted);

// Moves the colors of `source` linearly so that their mean and covariance become those of `target`
// by the symmetric map that moves colors least (optimal transport between Gaussians).
Image match_colors(const Image& source, const Image& target, const Image* source_mask = nullptr,
                   const Image* target_mask = nullptr);

// Moves each channel of `source` by the rising map that gives it the histogram of `target`'s.
Image match_histograms(const Image& source, const Image& target, const Image* source_mask = nullptr,
                       const Image* target_mask = nullptr);

}  // namespace impasto
