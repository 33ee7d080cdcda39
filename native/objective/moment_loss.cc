#include "objective/moment_loss.h"

namespace impasto {

Slopes add_moment_loss(GraphBuilder& graph, const MomentLoss& loss, const FeatureMatrix& matrix,
                       const DeclareInput& input) {
  const MomentNodes moments = add_moments(graph, matrix, loss.moments);
  return loss.add_slopes(graph, moments, matrix.shape.channels, input);
}

}  // namespace impasto
