#pragma once

#include <cstddef>
#include <vector>

namespace vitrine::ctl {

/// Solves A x = b for a symmetric positive definite A, by Cholesky's factorisation. Small systems
/// only: time grows with the cube of the size.
class Cholesky {
  public:
    /// A's lower triangle, row by row in full rows of `size`. Aborts if A is not positive definite:
    /// every caller adds a ridge.
    Cholesky(std::vector<double> a, std::size_t size);

    std::vector<double> solve(std::vector<double> b) const;

  private:
    std::vector<double> factor_;
    std::size_t size_;
};

}  // namespace vitrine::ctl
