#include "detail/transport.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "objective/symmetric.h"

namespace impasto {
namespace {

using Matrix = std::vector<double>;  // [n, n], row by row

double trace(const Matrix& matrix, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += matrix[i * n + i];
  return sum;
}

Matrix with_ridge(Matrix matrix, std::size_t n, double ridge) {
  for (std::size_t i = 0; i < n; ++i) matrix[i * n + i] += ridge;
  return matrix;
}

// L with L Lᵀ = matrix, zeros above the diagonal.
Matrix cholesky(const Matrix& matrix, std::size_t n) {
  Matrix lower(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i * n + k] * lower[j * n + k];
      if (i == j && !(sum > 0)) throw Error("internal", "The statistics of a picture broke down.");
      lower[i * n + j] = i == j ? std::sqrt(sum) : sum / lower[j * n + j];
    }
  }
  return lower;
}

Matrix transposed(const Matrix& matrix, std::size_t n) {
  Matrix result(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) result[j * n + i] = matrix[i * n + j];
  return result;
}

Matrix product(const Matrix& a, const Matrix& b, std::size_t n) {
  Matrix result(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    double* out = result.data() + i * n;
    for (std::size_t k = 0; k < n; ++k) {
      const double factor = a[i * n + k];
      if (factor == 0) continue;
      const double* in = b.data() + k * n;
      for (std::size_t j = 0; j < n; ++j) out[j] += factor * in[j];
    }
  }
  return result;
}

// X with Lᵀ X = right, from below.
Matrix solve_upper(const Matrix& lower, Matrix right, std::size_t n) {
  for (std::size_t i = n; i-- > 0;) {
    double* row = right.data() + i * n;
    for (std::size_t k = i + 1; k < n; ++k) {
      const double factor = lower[k * n + i];
      const double* below = right.data() + k * n;
      for (std::size_t j = 0; j < n; ++j) row[j] -= factor * below[j];
    }
    for (std::size_t j = 0; j < n; ++j) row[j] /= lower[i * n + i];
  }
  return right;
}

Matrix square_root(const Matrix& matrix, std::size_t n) {
  const Eigen eigen = symmetric_eigen(matrix, n);
  Matrix scaled = eigen.vectors;
  for (std::size_t k = 0; k < n; ++k) {
    const double root = std::sqrt(std::max(0.0, eigen.values[k]));
    for (std::size_t j = 0; j < n; ++j) scaled[k * n + j] *= root;
  }
  return product(transposed(eigen.vectors, n), scaled, n);
}

// With S = L Lᵀ, T = L⁻ᵀ (Lᵀ Z L)^½ L⁻¹ is the same map as by the root of S, for one
// eigenvalue problem instead of two.
Matrix transport_matrix(const Matrix& source, const Matrix& target, std::size_t n) {
  const Matrix lower = cholesky(source, n);
  Matrix middle = product(product(transposed(lower, n), target, n), lower, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      middle[i * n + j] = middle[j * n + i] = (middle[i * n + j] + middle[j * n + i]) / 2;
    }
  }
  const Matrix left = solve_upper(lower, square_root(middle, n), n);  // L⁻ᵀ R
  return solve_upper(lower, transposed(left, n), n);                  // L⁻ᵀ (L⁻ᵀ R)ᵀ
}

std::size_t channels_of(const Gaussian& from, const Gaussian& to) {
  if (to.channels() != from.channels())
    throw Error("internal", "Statistics of different layers were compared.");
  return from.channels();
}

double ridge_of(const Gaussian& from, const Gaussian& to, double ridge) {
  const std::size_t n = from.channels();
  return ridge * std::max(1e-12, trace(from.covariance, n) + trace(to.covariance, n));
}

// x → (1 − t) x + t (μ₁ + matrix (x − μ₀)). Beyond all of the way the mean stays at μ₁: what goes
// past it are deviations.
AffineMap on_the_way(const Gaussian& from, const Gaussian& to, const Matrix& matrix, double share) {
  const std::size_t n = from.channels();
  const double of_mean = std::min(1.0, share);
  AffineMap map{std::vector<float>(n * n), std::vector<float>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    double offset = (1 - of_mean) * from.mean[i] + of_mean * to.mean[i];
    for (std::size_t j = 0; j < n; ++j) {
      const double value = (i == j ? 1 - share : 0) + share * matrix[i * n + j];
      map.matrix[i * n + j] = static_cast<float>(value);
      offset -= value * from.mean[j];
    }
    map.offset[i] = static_cast<float>(offset);
  }
  return map;
}

}  // namespace

AffineMap match_deviations(const Gaussian& from, const Gaussian& to, double ridge, double share) {
  const std::size_t n = channels_of(from, to);
  const double epsilon = ridge_of(from, to, ridge);
  Matrix matrix(n * n, 0.0);
  for (std::size_t i = 0; i < n * n; i += n + 1) {
    matrix[i] = std::sqrt((to.covariance[i] + epsilon) / (from.covariance[i] + epsilon));
  }
  return on_the_way(from, to, matrix, share);
}

AffineMap transport(const Gaussian& from, const Gaussian& to, double ridge, double share) {
  const std::size_t n = channels_of(from, to);
  const double epsilon = ridge_of(from, to, ridge);
  const Matrix matrix = transport_matrix(with_ridge(from.covariance, n, epsilon),
                                         with_ridge(to.covariance, n, epsilon), n);
  return on_the_way(from, to, matrix, share);
}

}  // namespace impasto
