#include "sync/central/eigen_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "agent/base/random.hpp"

namespace vitrine::central {

namespace {

/// Further vectors are carried along so that the wanted ones settle sooner.
constexpr std::size_t kSpare = 8;
constexpr int kRoundsMax = 120;
constexpr double kSettled = 1e-7;

/// Column vectors of equal length, one after the other.
struct Block {
    std::size_t length = 0;
    std::vector<std::vector<double>> columns;
};

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

std::vector<double> multiply(const SparseSymmetric& matrix, const std::vector<double>& x) {
    std::vector<double> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        double sum = 0;
        for (const SparseSymmetric::Entry& entry : matrix.rows[i]) {
            sum += entry.value * x[entry.column];
        }
        y[i] = sum;
    }
    return y;
}

void take_out(std::vector<double>& from, const std::vector<double>& direction) {
    const double share = dot(from, direction);
    for (std::size_t i = 0; i < from.size(); ++i) from[i] -= share * direction[i];
}

/// Gram-Schmidt, twice, because once loses what is nearly parallel. What vanishes stays 0.
void orthonormalise(Block& block) {
    for (std::size_t k = 0; k < block.columns.size(); ++k) {
        std::vector<double>& column = block.columns[k];
        const double before = std::sqrt(dot(column, column));
        for (int pass = 0; pass < 2; ++pass) {
            for (std::size_t j = 0; j < k; ++j) take_out(column, block.columns[j]);
        }
        const double length = std::sqrt(dot(column, column));
        const double scale = length > 1e-12 * before && length > 0 ? 1 / length : 0;
        for (double& each : column) each *= scale;
    }
}

/// Eigenvalues and vectors of a small symmetric matrix by Jacobi's rotations. `vectors[k]` belongs
/// to `values[k]`; the largest first.
struct SmallEigen {
    std::vector<double> values;
    std::vector<std::vector<double>> vectors;
};

/// Rotates rows and columns p and q of `a` so that a[p][q] becomes 0.
void rotate(std::vector<std::vector<double>>& a, std::vector<std::vector<double>>& vectors,
            std::size_t p, std::size_t q) {
    const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
    const double c = 1 / std::sqrt(t * t + 1);
    const double s = t * c;
    for (auto& row : a) {
        const double x = row[p];
        const double y = row[q];
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
    for (auto* rows : {&a, &vectors}) {
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double x = (*rows)[p][i];
            const double y = (*rows)[q][i];
            (*rows)[p][i] = c * x - s * y;
            (*rows)[q][i] = s * x + c * y;
        }
    }
}

SmallEigen eigen_of(std::vector<std::vector<double>> a) {
    const std::size_t n = a.size();
    std::vector<std::vector<double>> vectors(n, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i) vectors[i][i] = 1;
    for (int sweep = 0; sweep < 30; ++sweep) {
        double off = 0;
        double all = 0;
        for (std::size_t p = 0; p < n; ++p) {
            for (std::size_t q = 0; q < n; ++q) {
                all += a[p][q] * a[p][q];
                if (q != p) off += a[p][q] * a[p][q];
            }
        }
        if (off <= 1e-24 * all) break;
        for (std::size_t p = 0; p < n; ++p) {
            for (std::size_t q = p + 1; q < n; ++q) {
                if (a[p][q] != 0) rotate(a, vectors, p, q);
            }
        }
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t k) { return a[k][k]; });
    SmallEigen eigen;
    for (const std::size_t k : order) {
        eigen.values.push_back(a[k][k]);
        eigen.vectors.push_back(vectors[k]);
    }
    return eigen;
}

/// The block's own best approximation of eigenvectors: its projection's, turned back. `images` is
/// the matrix times the block. Returns the eigenvalues, the largest first.
std::vector<double> turn_to_ritz(Block& block, const Block& images) {
    const std::size_t width = block.columns.size();
    std::vector<std::vector<double>> projected(width, std::vector<double>(width));
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
            projected[i][j] = dot(block.columns[i], images.columns[j]);
        }
    }
    // Rounding makes it slightly unsymmetric.
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            projected[i][j] = projected[j][i] = (projected[i][j] + projected[j][i]) / 2;
        }
    }
    const SmallEigen eigen = eigen_of(std::move(projected));
    Block turned{.length = block.length};
    for (const std::vector<double>& weights : eigen.vectors) {
        std::vector<double> column(block.length);
        for (std::size_t j = 0; j < width; ++j) {
            for (std::size_t i = 0; i < block.length; ++i) {
                column[i] += weights[j] * block.columns[j][i];
            }
        }
        turned.columns.push_back(std::move(column));
    }
    block = std::move(turned);
    return eigen.values;
}

Block images_of(const SparseSymmetric& matrix, const Block& block) {
    Block images{.length = block.length};
    for (const auto& column : block.columns) images.columns.push_back(multiply(matrix, column));
    return images;
}

bool settled(const std::vector<double>& now, const std::vector<double>& before, std::size_t rank) {
    if (before.empty()) return false;
    double moved = 0;
    for (std::size_t k = 0; k < std::min(rank, now.size()); ++k) {
        moved = std::max(moved, std::abs(now[k] - before[k]));
    }
    return moved <= kSettled * std::max(1.0, std::abs(now[0]));
}

}  // namespace

std::vector<double> leading_rows(const SparseSymmetric& matrix, std::size_t rank) {
    const std::size_t n = matrix.rows.size();
    std::vector<double> rows(n * rank);
    if (n == 0) return rows;
    Rng rng(0x5eed);
    Block block{.length = n};
    for (std::size_t k = 0; k < std::min(n, rank + kSpare); ++k) {
        std::vector<double> column(n);
        for (double& each : column) each = rng.normal();
        block.columns.push_back(std::move(column));
    }
    orthonormalise(block);
    std::vector<double> values;
    for (int round = 0; round < kRoundsMax; ++round) {
        Block images = images_of(matrix, block);
        const std::vector<double> before = std::move(values);
        values = turn_to_ritz(block, images);
        if (settled(values, before, rank)) break;
        if (round + 1 == kRoundsMax) break;
        block = std::move(images);
        orthonormalise(block);
    }
    for (std::size_t k = 0; k < std::min(rank, values.size()); ++k) {
        const double scale = std::sqrt(std::max(0.0, values[k]));
        for (std::size_t i = 0; i < n; ++i) rows[i * rank + k] = scale * block.columns[k][i];
    }
    return rows;
}

}  // namespace vitrine::central
