// Rows of numbers carried onto others of the same rank: the optimal transport of one dimension. A
// distribution stands as a table of its quantiles at the levels (k + ½) / K.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "objective/moments.h"

namespace impasto {

inline constexpr int kLevels = 1024;  // K

// Quantiles of weighted numbers, K + 1 of them: the last stands twice. Between two numbers, whose
// levels are the middles of their weights, they are interpolated.
std::vector<float> quantile_table(std::span<const double> values, std::span<const double> weights);

struct TransportNodes {
  std::string value;  // [1, 1]: Σ m (y − q)² / Σ m over all rows, q the table's at y's rank
  std::string differences;  // [R, h·w]: m (y − q), where y stands
};

// rows: [R, h·w]; table: [R, K + 1].
TransportNodes add_transport(GraphBuilder& graph, const FeatureMatrix& matrix,
                             const std::string& rows, const std::string& table);

}  // namespace impasto
