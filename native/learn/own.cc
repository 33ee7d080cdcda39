#include "learn/own.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace impasto {
namespace {

// For each channel that some convolution makes its number among all, the place of its bias, and the
// two runs of filters that make it.
template <typename Each>
void for_each_channel(const FilterPlan& plan, Each each) {
  std::size_t channel = 0;
  for (std::size_t i = 0; i < plan.convolutions.size(); ++i) {
    const LearnedConvolution& c = plan.convolutions[i];
    const FilterPlace& place = plan.places[i];
    const std::size_t own = c.own * kTaps3x3, below = c.below * kTaps3x3;
    for (std::size_t out = 0; out < static_cast<std::size_t>(c.out); ++out) {
      const std::pair<std::size_t, std::size_t> runs[] = {{place.own + out * own, own},
                                                          {place.below + out * below, below}};
      each(channel++, place.bias + out, std::span(runs));
    }
  }
}

}  // namespace

OwnPlan::OwnPlan(FilterPlan filters, Own own, std::size_t bank, std::size_t styles)
    : filters_(std::move(filters)), own_(own), styles_(styles) {
  for (const LearnedConvolution& c : filters_.convolutions) channels_ += c.out;
  if (own == Own::kFilters && styles != 1) {
    throw Error("bad-request", "Several styles in one detailer have to share filters.");
  }
  if (own == Own::kScales) own_count_ = 2 * channels_;
  if (own == Own::kBank) {
    if (bank >= filters_.places.size()) {
      throw Error("bad-request", "The detailer has no such convolution for a bank.");
    }
    const FilterPlace& place = filters_.places[bank];
    bank_at_ = place.own;
    own_count_ = place.bias + filters_.convolutions[bank].out - place.own;
  }
}

std::vector<float> OwnPlan::start(std::span<const float> filters) const {
  std::vector<float> values(filters.begin(), filters.end());
  values.resize(count());
  for (std::size_t style = 0; style < styles_; ++style) {
    float* own = values.data() + own_at(style);
    if (own_ == Own::kScales) std::fill_n(own, channels_, 1.0f);
    if (own_ == Own::kBank) std::copy_n(filters.data() + bank_at_, own_count_, own);
  }
  return values;
}

void OwnPlan::fold(std::span<const float> values, std::size_t style,
                   std::span<float> filters) const {
  std::copy_n(values.data(), filters_.count, filters.data());
  const std::span<const float> own = own_of(values, style);
  if (own_ == Own::kBank) std::copy(own.begin(), own.end(), filters.begin() + bank_at_);
  if (own_ != Own::kScales) return;
  for_each_channel(filters_, [&](std::size_t channel, std::size_t bias, auto runs) {
    const float scale = own[channel];
    for (const auto& [begin, count] : runs) {
      for (std::size_t i = begin; i < begin + count; ++i) filters[i] *= scale;
    }
    filters[bias] = filters[bias] * scale + own[channels_ + channel];
  });
}

void OwnPlan::unfold(std::span<const float> values, std::size_t style,
                     std::span<const float> slopes, double share, std::span<float> gradient) const {
  const auto add = [&](std::size_t at, double slope) {
    gradient[at] += static_cast<float>(share * slope);
  };
  const std::size_t own_begin = own_at(style);
  if (own_ != Own::kScales) {
    for (std::size_t i = 0; i < filters_.count; ++i) {
      const bool banked = own_ == Own::kBank && i >= bank_at_ && i < bank_at_ + own_count_;
      add(banked ? own_begin + i - bank_at_ : i, slopes[i]);
    }
    return;
  }
  const std::span<const float> own = own_of(values, style);
  for_each_channel(filters_, [&](std::size_t channel, std::size_t bias, auto runs) {
    const double scale = own[channel];
    double of_scale = static_cast<double>(slopes[bias]) * values[bias];
    add(bias, scale * slopes[bias]);
    for (const auto& [begin, count] : runs) {
      for (std::size_t i = begin; i < begin + count; ++i) {
        of_scale += static_cast<double>(slopes[i]) * values[i];
        add(i, scale * slopes[i]);
      }
    }
    add(own_begin + channel, of_scale);
    add(own_begin + channels_ + channel, slopes[bias]);
  });
}

std::span<const float> OwnPlan::own_of(std::span<const float> values, std::size_t style) const {
  return values.subspan(own_at(style), own_count_);
}

}  // namespace impasto
