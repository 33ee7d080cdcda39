#include "objective/moment_loss.h"

namespace impasto {

LossNodes add_moment_loss(GraphBuilder& graph, const MomentLoss& loss, const std::string& features,
                          const FeatureShape& shape, const Weighting& weighting,
                          const std::string& factor, const DeclareInput& input) {
  const FeatureMatrix matrix = add_feature_matrix(graph, features, shape, weighting);
  const MomentNodes moments = add_moments(graph, matrix, loss.moments);
  const Slopes slopes = loss.add_slopes(graph, moments, shape.channels, input);
  return {slopes.value, apply_slopes(graph, matrix, slopes, factor)};
}

}  // namespace impasto
