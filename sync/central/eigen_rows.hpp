#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vitrine::central {

/// A symmetric matrix with few entries: each row's columns and values, both triangles.
struct SparseSymmetric {
    struct Entry {
        std::uint32_t column = 0;
        double value = 0;
    };
    std::vector<std::vector<Entry>> rows;
};

/// For each row i, what the `rank` largest positive eigenvalues λ and their unit vectors u say
/// about it: √λ · u[i], so that the products of two such rows approximate the matrix. An eigenvalue
/// that is not positive gives 0. Row by row, `rank` numbers each. Subspace iteration with
/// Rayleigh-Ritz from a fixed start: plain loops in a fixed order, the same result every time.
std::vector<double> leading_rows(const SparseSymmetric& matrix, std::size_t rank);

}  // namespace vitrine::central
