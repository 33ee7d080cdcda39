// Eigenvalues and eigenvectors of a symmetric matrix, in double: Householder reduction to
// tridiagonal form and implicit QL (Wilkinson & Reinsch 1971, tred2 and tql2).
#pragma once

#include <cstddef>
#include <vector>

namespace impasto {

struct Eigen {
  std::size_t size = 0;
  std::vector<double> values;   // [n], in no order
  std::vector<double> vectors;  // [n, n], one eigenvector a row
};

// `matrix`: [n, n], symmetric, row by row.
Eigen symmetric_eigen(std::vector<double> matrix, std::size_t n);

}  // namespace impasto
