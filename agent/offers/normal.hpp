#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/offers/symmetric.hpp"

namespace vitrine::offers {

/// The natural logarithm of a positive, normal number, from plain arithmetic only: the same bits on
/// every machine. Relative error below 1e-12.
inline double log_exactly(double x) {
    constexpr double kLn2 = 0.6931471805599453;
    constexpr double kRootHalf = 0.7071067811865476;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto power = static_cast<std::int64_t>(bits >> 52 & 0x7ffU) - 1022;
    double m = std::bit_cast<double>((bits & 0x000fffffffffffffU) | 0x3fe0000000000000U);
    if (m < kRootHalf) {
        m *= 2;
        --power;
    }
    // 2 artanh((m − 1) / (m + 1)): the argument is at most 0.172.
    const double s = (m - 1) / (m + 1);
    const double square = s * s;
    double sum = 0;
    for (int n = 17; n > 0; n -= 2) sum = sum * square + 1.0 / n;
    return static_cast<double>(power) * kLn2 + 2 * s * sum;
}

/// Standard normal numbers, by the polar method, the same on every machine.
class Normals {
  public:
    explicit Normals(Rng& rng) : rng_(rng) {}

    double next() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        double u = 0;
        double v = 0;
        double s = 0;
        do {
            u = 2 * rng_.uniform() - 1;
            v = 2 * rng_.uniform() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        const double scale = std::sqrt(-2 * log_exactly(s) / s);
        spare_ = v * scale;
        has_spare_ = true;
        return u * scale;
    }

  private:
    Rng& rng_;
    double spare_ = 0;
    bool has_spare_ = false;
};

/// A Gaussian over a few numbers, to draw from together. Keeps its memory.
class JointNormal {
  public:
    void reserve(std::size_t most) {
        mean.reserve(most);
        covariance.reserve(packed_size(most));
        diagonal_.reserve(most);
    }

    std::vector<double> mean;
    std::vector<double> covariance;  ///< Packed lower triangle; after `factor` no longer.

    /// After mean and covariance were filled in. Where rounding left no covariance, each number
    /// is drawn on its own.
    void factor() {
        const std::size_t n = mean.size();
        diagonal_.resize(n);
        for (std::size_t i = 0; i < n; ++i) diagonal_[i] = covariance[packed_at(i, i)];
        if (cholesky(covariance, n)) return;
        for (std::size_t row = 0; row < n; ++row) {
            for (std::size_t k = 0; k < row; ++k) covariance[packed_at(row, k)] = 0;
            covariance[packed_at(row, row)] = diagonal_[row] > 0 ? std::sqrt(diagonal_[row]) : 0;
        }
    }

    /// `spread` times as far from the mean as the Gaussian is.
    void draw(double spread, Normals& normals, std::span<double> drawn) const {
        const std::size_t n = mean.size();
        for (std::size_t i = 0; i < n; ++i) drawn[i] = spread * normals.next();
        for (std::size_t row = n; row-- > 0;) {
            const double* const mine = &covariance[packed_at(row, 0)];
            double sum = mean[row];
            for (std::size_t k = 0; k <= row; ++k) sum += mine[k] * drawn[k];
            drawn[row] = sum;
        }
    }

  private:
    std::vector<double> diagonal_;
};

}  // namespace vitrine::offers
