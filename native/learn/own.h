// Several styles in one detailer: filters that all of them share, and what each has of its own. A
// style's own folds into the filters, so that it paints at the cost of a detailer that knows it
// alone, and filters that are averaged are styles that are blended, as both papers do it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "learn/filters.h"

namespace impasto {

enum class Own {
  kFilters,  // everything; for one style alone
  // Scale and shift of each channel, as in conditional instance normalization (Dumoulin et al.
  // 2017, eq. 5). Without its normalization: what the decoder reads has the style's mean and
  // covariance already, and the windows of a large picture would each have another.
  kScales,
  // The filters of one convolution between shared ones, as StyleBank has them (Chen et al. 2017).
  kBank,
};

// The list of all that is learned: the filters in the order of their plan, then what each style has
// of its own: for kScales the scales and then the shifts of all channels, for kBank the values of
// the convolution in that order.
class OwnPlan {
 public:
  // `bank`: which of the plan's convolutions it is. Throws Error("bad-request") where there is none
  // such, or where several styles would have all filters of their own.
  OwnPlan(FilterPlan filters, Own own, std::size_t bank, std::size_t styles);

  const FilterPlan& filters() const { return filters_; }
  std::size_t count() const { return filters_.count + styles_ * own_count_; }

  // Every style paints as `filters` do.
  std::vector<float> start(std::span<const float> filters) const;

  // The filters with which `style` paints.
  void fold(std::span<const float> values, std::size_t style, std::span<float> filters) const;

  // Adds `share` of the gradient with respect to the values, given that with respect to the
  // filters of `style`.
  void unfold(std::span<const float> values, std::size_t style, std::span<const float> slopes,
              double share, std::span<float> gradient) const;

  // The part of `values` that is `style`'s own.
  std::span<const float> own_of(std::span<const float> values, std::size_t style) const;

 private:
  std::size_t own_at(std::size_t style) const { return filters_.count + style * own_count_; }

  FilterPlan filters_;
  Own own_;
  std::size_t styles_;
  std::size_t channels_ = 0;  // of all convolutions
  std::size_t bank_at_ = 0;   // among the filters
  std::size_t own_count_ = 0;
};

}  // namespace impasto
