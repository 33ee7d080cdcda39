// First and second moments of one layer's features: all that most style losses look at. Measured on
// the host they are raw, so that they add up over pictures; in the graph each loss takes the kind
// that it is a function of.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/builder.h"
#include "graph/vgg.h"

namespace impasto {

// Of a picture that was measured.
struct Moments {
  int channels = 0;
  std::vector<float> mean;  // [C]
  std::vector<float> gram;  // [C, C], F Fᵀ / (h·w)
};

// The moments of all features together, each picture's counting by its weight.
Moments average_moments(std::span<const Moments* const> parts, std::span<const double> weights);

// How much each position of a layer counts. Names of inputs of the graph.
struct Weighting {
  std::string mask;          // m: [1, 1, h, w] in 0 … 1; empty where all count alike
  std::string inverse_area;  // [1, 1]: 1 / Σ m
};

// A layer's features F as a matrix, plain and with m in it.
struct FeatureMatrix {
  FeatureShape shape;
  Weighting weighting;
  std::string plain;     // [C, h·w]
  std::string weighted;  // [C, h·w], F diag(m); the same node where all count alike
};
FeatureMatrix add_feature_matrix(GraphBuilder& graph, const std::string& features,
                                 const FeatureShape& shape, const Weighting& weighting);

// μ = F m / Σ m, [C, 1].
std::string add_mean(GraphBuilder& graph, const FeatureMatrix& matrix, std::string result = {});
// F diag(m) Fᵀ / Σ m, [C, C].
std::string add_gram(GraphBuilder& graph, const FeatureMatrix& matrix, std::string result = {});

// The moments that a loss is a function of. Those about the mean are computed about it, not as the
// difference of raw ones: where a picture is nearly flat little but rounding is left of that.
enum class MomentKind {
  kMean,        // μ
  kGram,        // F diag(m) Fᵀ / Σ m
  kCovariance,  // μ, and (F − μ) diag(m) (F − μ)ᵀ / Σ m
};
struct MomentNodes {
  std::string mean;    // [C, 1]; empty for kGram
  std::string second;  // [C, C]; empty for kMean
};
MomentNodes add_moments(GraphBuilder& graph, const FeatureMatrix& matrix, MomentKind kind);

// What a function of moments makes of them: its value, and the derivative with respect to features
// as 2 / Σ m · (S F + s 1ᵀ) diag(m).
struct Slopes {
  std::string value;   // [1, 1]
  std::string matrix;  // S: [C, C]; empty for zero
  std::string offset;  // s: [C, 1]; empty for zero

  bool empty() const { return matrix.empty() && offset.empty(); }
};

// Those of factor · loss, without its value. `factor`: an input of the graph, [1, 1].
Slopes scale_slopes(GraphBuilder& graph, const Slopes& slopes, const std::string& factor);
// Those of both together, without their values.
Slopes add_slopes(GraphBuilder& graph, const Slopes& a, const Slopes& b);
// (S F + s 1ᵀ) diag(m), [1, C, h, w].
std::string apply_slopes(GraphBuilder& graph, const FeatureMatrix& matrix, const Slopes& slopes);

}  // namespace impasto
