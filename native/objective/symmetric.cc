#include "objective/symmetric.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace impasto {
namespace {

// `v` holds columns as rows throughout: v[j * n + k] is element (k, j), so that the inner loops run
// over neighbors.
struct Tridiagonal {
  std::size_t n;
  std::vector<double>& v;
  std::vector<double> diagonal;
  std::vector<double> off;

  double* column(std::size_t j) { return v.data() + j * n; }
};

// Replaces column and row i by a Householder vector that clears all but its last entry.
void reflect_row(Tridiagonal& t, std::size_t i) {
  auto& d = t.diagonal;
  auto& e = t.off;
  double scale = 0;
  for (std::size_t k = 0; k < i; ++k) scale += std::abs(d[k]);
  double h = 0;
  if (scale == 0) {
    e[i] = d[i - 1];
    for (std::size_t j = 0; j < i; ++j) {
      d[j] = t.column(j)[i - 1];
      t.column(j)[i] = 0;
      t.column(i)[j] = 0;
    }
    d[i] = 0;
    return;
  }
  for (std::size_t k = 0; k < i; ++k) {
    d[k] /= scale;
    h += d[k] * d[k];
  }
  const double last = d[i - 1];
  const double g = last > 0 ? -std::sqrt(h) : std::sqrt(h);
  e[i] = scale * g;
  h -= last * g;
  d[i - 1] = last - g;
  std::fill_n(e.begin(), i, 0.0);
  for (std::size_t j = 0; j < i; ++j) {
    const double f = d[j];
    t.column(i)[j] = f;
    const double* column = t.column(j);
    double sum = e[j] + column[j] * f;
    for (std::size_t k = j + 1; k < i; ++k) {
      sum += column[k] * d[k];
      e[k] += column[k] * f;
    }
    e[j] = sum;
  }
  double product = 0;
  for (std::size_t j = 0; j < i; ++j) {
    e[j] /= h;
    product += e[j] * d[j];
  }
  const double half = product / (h + h);
  for (std::size_t j = 0; j < i; ++j) e[j] -= half * d[j];
  for (std::size_t j = 0; j < i; ++j) {
    const double f = d[j];
    const double own = e[j];
    double* column = t.column(j);
    for (std::size_t k = j; k < i; ++k) column[k] -= f * e[k] + own * d[k];
    d[j] = column[i - 1];
    column[i] = 0;
  }
  d[i] = h;
}

void accumulate_reflections(Tridiagonal& t) {
  const std::size_t n = t.n;
  auto& d = t.diagonal;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    t.column(i)[n - 1] = t.column(i)[i];
    t.column(i)[i] = 1;
    double* next = t.column(i + 1);
    if (const double h = d[i + 1]; h != 0) {
      for (std::size_t k = 0; k <= i; ++k) d[k] = next[k] / h;
      for (std::size_t j = 0; j <= i; ++j) {
        double* column = t.column(j);
        double g = 0;
        for (std::size_t k = 0; k <= i; ++k) g += next[k] * column[k];
        for (std::size_t k = 0; k <= i; ++k) column[k] -= g * d[k];
      }
    }
    std::fill_n(next, i + 1, 0.0);
  }
  for (std::size_t j = 0; j < n; ++j) {
    d[j] = t.column(j)[n - 1];
    t.column(j)[n - 1] = 0;
  }
  t.column(n - 1)[n - 1] = 1;
  t.off[0] = 0;
}

// One implicit QL sweep from m to l, with the rotations applied to the eigenvectors.
void rotate(Tridiagonal& t, std::size_t l, std::size_t m, double& shift) {
  auto& d = t.diagonal;
  auto& e = t.off;
  double g = d[l];
  double p = (d[l + 1] - g) / (2 * e[l]);
  double r = p < 0 ? -std::hypot(p, 1.0) : std::hypot(p, 1.0);
  d[l] = e[l] / (p + r);
  d[l + 1] = e[l] * (p + r);
  const double next = d[l + 1];
  double h = g - d[l];
  for (std::size_t i = l + 2; i < t.n; ++i) d[i] -= h;
  shift += h;
  p = d[m];
  double c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
  const double second = e[l + 1];
  for (std::size_t i = m; i-- > l;) {
    c3 = c2;
    c2 = c;
    s2 = s;
    g = c * e[i];
    h = c * p;
    r = std::hypot(p, e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    double* lower = t.column(i);
    double* upper = t.column(i + 1);
    for (std::size_t k = 0; k < t.n; ++k) {
      const double u = upper[k];
      upper[k] = s * lower[k] + c * u;
      lower[k] = c * lower[k] - s * u;
    }
  }
  p = -s * s2 * c3 * second * e[l] / next;
  e[l] = s * p;
  d[l] = c * p;
}

void diagonalize(Tridiagonal& t) {
  auto& d = t.diagonal;
  auto& e = t.off;
  std::rotate(e.begin(), e.begin() + 1, e.end());
  e.back() = 0;
  double shift = 0;
  double largest = 0;
  for (std::size_t l = 0; l < t.n; ++l) {
    largest = std::max(largest, std::abs(d[l]) + std::abs(e[l]));
    const double small = std::numeric_limits<double>::epsilon() * largest;
    std::size_t m = l;
    while (m + 1 < t.n && std::abs(e[m]) > small) ++m;
    while (m > l && std::abs(e[l]) > small) rotate(t, l, m, shift);
    d[l] += shift;
    e[l] = 0;
  }
}

}  // namespace

Eigen symmetric_eigen(std::vector<double> matrix, std::size_t n) {
  Eigen result{n, {}, std::move(matrix)};
  Tridiagonal t{n, result.vectors, std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t j = 0; j < n; ++j) t.diagonal[j] = t.column(j)[n - 1];
  for (std::size_t i = n; i-- > 1;) reflect_row(t, i);
  accumulate_reflections(t);
  diagonalize(t);
  result.values = std::move(t.diagonal);
  return result;
}

}  // namespace impasto
