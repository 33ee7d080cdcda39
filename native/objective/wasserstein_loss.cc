#include "objective/wasserstein_loss.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "objective/symmetric.h"

namespace impasto {
namespace {

// The target's inputs of the graph.
constexpr const char* kTargetRoot = "root";   // Cₜ^½, [C, C]
constexpr const char* kTargetMean = "mean";   // μₜ, [C, 1]
constexpr const char* kRidgeInput = "ridge";  // on both diagonals, [1, 1]

constexpr int kIterations = 12;
// Of the largest eigenvalue of the target's covariance. float32 holds the eigenvalues of
// Cₜ^½ C Cₜ^½ down to 1e-7 of the largest, so those of the covariances down to a few 1e-4. (What
// crowsonkb's unscaled twelve steps resolve is about 1e-2.)
constexpr double kRidge = 1e-3;
// Smaller, and the squares in the norm of Cₜ^½ C Cₜ^½ would be no floats where both pictures are
// flat.
constexpr double kSmallestRidge = 1e-9;
// The smallest singular value that the iteration is scaled for.
constexpr double kSmallestRoot = 2e-4;

std::string identity_matrix(GraphBuilder& graph, int n) {
  std::vector<float> values(static_cast<std::size_t>(n) * n, 0.0f);
  for (int i = 0; i < n; ++i) values[static_cast<std::size_t>(i) * (n + 1)] = 1;
  return graph.constant(values, {n, n});
}

std::string scalar(GraphBuilder& graph, double value) {
  const float values[] = {static_cast<float>(value)};
  return graph.constant(values, {1, 1});
}

std::string sum_all(GraphBuilder& graph, const std::string& matrix) {
  const std::int64_t all[] = {0, 1};
  return graph.node("ReduceSum", {matrix, graph.constant(all)});
}

// M^-½ by coupled Newton–Schulz: Y → Y T, Z → T Z, T = a (3 − a² Z Y) / 2, from Y = M / |M|, Z = 1.
// The scales a follow the smallest singular value (Chen & Chow 2014, eq. 2.9): growth per step is
// 2.6 instead of 1.5.
std::string add_inverse_root(GraphBuilder& graph, const std::string& matrix,
                             const std::string& identity) {
  const std::string norm =
      graph.node("Sqrt", {sum_all(graph, graph.node("Mul", {matrix, matrix}))});
  std::string y = graph.node("Div", {matrix, norm});
  std::string z;
  double smallest = kSmallestRoot;
  for (int i = 0; i < kIterations; ++i) {
    const double scale = std::sqrt(3 / (1 + smallest + smallest * smallest));
    smallest = scale * smallest * (3 - scale * scale * smallest * smallest) / 2;
    const std::string product = z.empty() ? y : graph.node("MatMul", {z, y});
    const std::string cubic =
        graph.node("Mul", {product, scalar(graph, -scale * scale * scale / 2)});
    const std::string linear = graph.node("Mul", {identity, scalar(graph, 1.5 * scale)});
    const std::string t = graph.node("Add", {linear, cubic});
    if (i + 1 < kIterations) y = graph.node("MatMul", {y, t});
    z = z.empty() ? t : graph.node("MatMul", {t, z});
  }
  return graph.node("Div", {z, graph.node("Sqrt", {norm})});
}

// S = I − T, s = T μ − μₜ. Since T C T = Cₜ, tr C + tr Cₜ − 2 tr (Cₜ^½ C Cₜ^½)^½ = tr S C S: a sum
// of squares, where the traces would leave nothing but their rounding of two pictures that are
// alike.
Slopes add_wasserstein_slopes(GraphBuilder& graph, const MomentNodes& moments, int channels,
                              const DeclareInput& input) {
  const std::string root = input(kTargetRoot, {channels, channels});
  const std::string target_mean = input(kTargetMean, {channels, 1});
  const std::string ridge = input(kRidgeInput, {1, 1});
  const std::string identity = identity_matrix(graph, channels);
  const std::string covariance =
      graph.node("Add", {moments.second, graph.node("Mul", {identity, ridge})});

  const std::string middle = graph.node("MatMul", {graph.node("MatMul", {root, covariance}), root});
  const std::string inverse = add_inverse_root(graph, middle, identity);
  const std::string transport = graph.node("MatMul", {graph.node("MatMul", {root, inverse}), root});
  const std::string slope = graph.node("Sub", {identity, transport});

  const std::string mean_difference = graph.node("Sub", {moments.mean, target_mean});
  const std::string mean_part =
      sum_all(graph, graph.node("Mul", {mean_difference, mean_difference}));
  const std::string spread = graph.node("MatMul", {slope, covariance});
  const std::string covariance_part = sum_all(graph, graph.node("Mul", {spread, slope}));
  return {graph.node("Add", {mean_part, covariance_part}), slope,
          graph.node("Sub", {graph.node("MatMul", {transport, moments.mean}), target_mean})};
}

// Cₜ^½ by its eigenvalues; the loss is relative to the energy tr Sₜ.
StyleTarget prepare_gaussian(const Moments& target) {
  const std::size_t n = static_cast<std::size_t>(target.channels);
  std::vector<double> covariance(n * n);
  double energy = 0;
  for (std::size_t i = 0; i < n; ++i) {
    energy += target.gram[i * n + i];
    for (std::size_t j = 0; j < n; ++j) {
      covariance[i * n + j] =
          target.gram[i * n + j] - static_cast<double>(target.mean[i]) * target.mean[j];
    }
  }
  energy = std::max(energy, 1e-8 * static_cast<double>(n));
  const Eigen eigen = symmetric_eigen(covariance, n);
  const double largest = *std::max_element(eigen.values.begin(), eigen.values.end());
  const double ridge = std::max(kRidge * std::max(largest, 1e-4 * energy), kSmallestRidge);
  std::vector<double> root(n * n, 0.0);
  for (std::size_t k = 0; k < n; ++k) {
    const double value = std::max(eigen.values[k], 0.0) + ridge;
    const double* vector = eigen.vectors.data() + k * n;
    for (std::size_t i = 0; i < n; ++i) {
      const double weighted = std::sqrt(value) * vector[i];
      for (std::size_t j = 0; j < n; ++j) root[i * n + j] += weighted * vector[j];
    }
  }
  return {{{kTargetRoot, {target.channels, target.channels}, {root.begin(), root.end()}},
           {kTargetMean, {target.channels, 1}, target.mean},
           {kRidgeInput, {1, 1}, {static_cast<float>(ridge)}}},
          1 / energy};
}

}  // namespace

const MomentLoss kWassersteinLoss = {MomentKind::kCovariance, prepare_gaussian,
                                     add_wasserstein_slopes};

}  // namespace impasto
