// What learning changes of a detailer: its filters, those of a level's first convolution parted by
// what they read, so that the maps need not be put together.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "detail/detailer.h"

namespace impasto {

inline constexpr std::size_t kTaps3x3 = 9;

// One convolution of the decoder, in the order in which they run; the last one paints.
struct LearnedConvolution {
  std::size_t level = 0;  // whose size it works at
  bool first = false;     // of its level: reads the level's own maps, others the convolution before
  int own = 0;            // channels that it reads of these
  int below = 0;          // and of the level below, enlarged; 0: none
  int out = 0;
};

std::vector<LearnedConvolution> learned_convolutions(const Detailer& detailer);

// Where the values of one convolution stand in the flat list of all that is learned.
struct FilterPlace {
  std::size_t own = 0;    // [out, own, 3, 3]
  std::size_t below = 0;  // [out, below, 3, 3]
  std::size_t bias = 0;   // [out]
};

// All that is learned, one after the other.
struct FilterPlan {
  std::vector<LearnedConvolution> convolutions;
  std::vector<FilterPlace> places;  // one for each
  std::size_t count = 0;            // of values
};

FilterPlan plan_filters(const Detailer& detailer);

// In the order in which they run.
const DetailConvolution& convolution_at(const Detailer& detailer, std::size_t index);

// A detailer's values in that order, and back into one of the same form.
std::vector<float> read_filters(const Detailer& detailer, const FilterPlan& plan);
void write_filters(std::span<const float> values, const FilterPlan& plan, Detailer& detailer);

// [out, in, 3, 3] → [in, out, 3, 3], each turned by half a circle: what carries a gradient back.
void turn_filters(std::span<const float> filters, int out, int in, std::span<float> turned);

}  // namespace impasto
