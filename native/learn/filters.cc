#include "learn/filters.h"

#include <algorithm>

namespace impasto {
namespace {

std::size_t filter_count(int out, int in) {
  return static_cast<std::size_t>(out) * static_cast<std::size_t>(in) * kTaps3x3;
}

// Every convolution of a detailer in the order in which they run, by the place in its plan.
template <typename AnyDetailer, typename Each>
void for_each_convolution(AnyDetailer& detailer, const FilterPlan& plan, Each each) {
  std::size_t i = 0;
  for (auto& level : detailer.levels) {
    for (auto& convolution : level.convolutions) {
      each(convolution, plan.convolutions[i], plan.places[i]);
      ++i;
    }
  }
  each(detailer.out, plan.convolutions[i], plan.places[i]);
}

}  // namespace

std::vector<LearnedConvolution> learned_convolutions(const Detailer& detailer) {
  std::vector<LearnedConvolution> list;
  int before = 0;
  for (std::size_t level = 0; level < detailer.levels.size(); ++level) {
    for (const DetailConvolution& convolution : detailer.levels[level].convolutions) {
      const bool first = &convolution == &detailer.levels[level].convolutions.front();
      const int below = first ? before : 0;
      list.push_back(
          {level, first, convolution.in_channels - below, below, convolution.out_channels});
      before = convolution.out_channels;
    }
  }
  list.push_back({detailer.levels.size() - 1, false, before, 0, detailer.out.out_channels});
  return list;
}

FilterPlan plan_filters(const Detailer& detailer) {
  FilterPlan plan;
  plan.convolutions = learned_convolutions(detailer);
  for (const LearnedConvolution& c : plan.convolutions) {
    FilterPlace place;
    place.own = plan.count;
    place.below = place.own + filter_count(c.out, c.own);
    place.bias = place.below + filter_count(c.out, c.below);
    plan.count = place.bias + static_cast<std::size_t>(c.out);
    plan.places.push_back(place);
  }
  return plan;
}

const DetailConvolution& convolution_at(const Detailer& detailer, std::size_t index) {
  for (const DetailLevel& level : detailer.levels) {
    if (index < level.convolutions.size()) return level.convolutions[index];
    index -= level.convolutions.size();
  }
  return detailer.out;
}

std::vector<float> read_filters(const Detailer& detailer, const FilterPlan& plan) {
  std::vector<float> values(plan.count);
  for_each_convolution(
      detailer, plan,
      [&](const DetailConvolution& file, const LearnedConvolution& c, const FilterPlace& place) {
        const float* from = file.weight.data();
        float* own = values.data() + place.own;
        float* below = values.data() + place.below;
        for (int out = 0; out < c.out; ++out) {
          below = std::copy_n(from, c.below * kTaps3x3, below);
          from += c.below * kTaps3x3;
          own = std::copy_n(from, c.own * kTaps3x3, own);
          from += c.own * kTaps3x3;
        }
        std::copy(file.bias.begin(), file.bias.end(), values.data() + place.bias);
      });
  return values;
}

void write_filters(std::span<const float> values, const FilterPlan& plan, Detailer& detailer) {
  for_each_convolution(
      detailer, plan,
      [&](DetailConvolution& file, const LearnedConvolution& c, const FilterPlace& place) {
        const float* own = values.data() + place.own;
        const float* below = values.data() + place.below;
        float* to = file.weight.data();
        for (int out = 0; out < c.out; ++out) {
          to = std::copy_n(below, c.below * kTaps3x3, to);
          below += c.below * kTaps3x3;
          to = std::copy_n(own, c.own * kTaps3x3, to);
          own += c.own * kTaps3x3;
        }
        std::copy_n(values.data() + place.bias, c.out, file.bias.data());
      });
}

void turn_filters(std::span<const float> filters, int out, int in, std::span<float> turned) {
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < in; ++i) {
      const float* from = filters.data() + (static_cast<std::size_t>(o) * in + i) * kTaps3x3;
      float* to = turned.data() + (static_cast<std::size_t>(i) * out + o) * kTaps3x3;
      std::reverse_copy(from, from + kTaps3x3, to);
    }
  }
}

}  // namespace impasto
