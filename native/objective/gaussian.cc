#include "objective/gaussian.h"

namespace impasto {

void merge(Gaussian& sum, const Gaussian& part) {
  if (part.area == 0) return;
  if (sum.area == 0) {
    sum = part;
    return;
  }
  const std::size_t n = sum.channels();
  const double whole = sum.area + part.area;
  const double share = part.area / whole;
  std::vector<double> difference(n);
  for (std::size_t i = 0; i < n; ++i) difference[i] = part.mean[i] - sum.mean[i];
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double& value = sum.covariance[i * n + j];
      value = (1 - share) * value + share * part.covariance[i * n + j] +
              share * (1 - share) * difference[i] * difference[j];
    }
    sum.mean[i] += share * difference[i];
  }
  sum.area = whole;
}

std::vector<double> raw_second_moments(const Gaussian& gaussian) {
  const std::size_t n = gaussian.channels();
  std::vector<double> raw = gaussian.covariance;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) raw[i * n + j] += gaussian.mean[i] * gaussian.mean[j];
  }
  return raw;
}

}  // namespace impasto
