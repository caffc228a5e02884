#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vitrine::offers {

/// Symmetric matrices, packed as their lower triangle row by row. Written out in plain loops, and
/// not with a linear algebra library's machine-dependent kernels, so that the same outcomes give
/// the same weights to the bit on x86 and ARM.
constexpr std::size_t packed_size(std::size_t n) { return n * (n + 1) / 2; }
constexpr std::size_t packed_at(std::size_t row, std::size_t column) {
    return row * (row + 1) / 2 + column;
}

/// Turns a positive definite matrix into its lower Cholesky factor in place; false, with the matrix
/// spoilt, where it is not positive definite or not finite.
bool cholesky(std::span<double> packed, std::size_t n);

/// Solves A x = b in place, given the factor of A.
void solve(std::span<const double> factor, std::span<double> b);

/// The inverse of A as a full n × n matrix, given the factor of A.
std::vector<double> inverse(std::span<const double> factor, std::size_t n);

/// A x.
std::vector<double> multiply(std::span<const double> packed, std::span<const double> x);

}  // namespace vitrine::offers
