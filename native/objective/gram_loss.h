// Style loss of one layer by Gram matrices (Gatys et al. 2016, eq. 3-5): Σ (G − A)² times a scale,
// G = F diag(m) Fᵀ / area. Canonical: the mean over C² entries. Relative: divided by Σ A², so
// that layers, sizes and pictures weigh alike.
#pragma once

#include "objective/content_loss.h"
#include "objective/objective.h"

namespace impasto {

// The graph's inputs for one style layer; names.
struct StyleInputs {
  std::string target;        // [C, C]: the Gram matrix; for W2 the root of the covariance
  std::string mean;          // [C, 1], W2 only
  std::string ridge;         // [1, 1], W2 only
  std::string factor;        // [1, 1]
  std::string inverse_area;  // [1, 1]
  std::string mask;          // [1, 1, h, w] or empty
};

// Features as a matrix, plain and with the mask's weights in it.
struct FeatureMatrix {
  std::string plain;     // [C, h·w]
  std::string weighted;  // [C, h·w]; the same name when there is no mask
};
FeatureMatrix add_feature_matrix(GraphBuilder& graph, const std::string& features,
                                 const std::string& mask, const FeatureShape& shape);

// Second raw moment F diag(m) Fᵀ / area, [C, C].
std::string add_gram(GraphBuilder& graph, const FeatureMatrix& matrix,
                     const std::string& inverse_area, std::string result = {});

// sum = Σ (G − A)²; gradient = factor · (G − A) F diag(m).
LossNodes add_gram_loss(GraphBuilder& graph, const std::string& features, const FeatureShape& shape,
                        const StyleInputs& inputs);

// What turns the sum into the loss.
double gram_scale(const Moments& target, bool relative);

// Of loss = scale · sum: the factor for a loss of weight `weight`.
inline double gram_factor(double weight, double scale, double area) {
  return 4 * weight * scale / area;
}

}  // namespace impasto
