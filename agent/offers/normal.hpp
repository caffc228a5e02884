#pragma once

#include <array>
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
double log_exactly(double x);

/// Standard normal numbers by the ziggurat (Marsaglia and Tsang 2000, with Doornik's 53 bits): the
/// same on every machine, and mostly one multiplication.
class Normals {
  public:
    explicit Normals(Rng& rng) : rng_(rng), layers_(layers()) {}

    double next() {
        const std::uint64_t bits = rng_.next();
        const std::size_t layer = bits % kLayers;
        const double u = 2 * (static_cast<double>(bits >> 11) * 0x1.0p-53) - 1;
        if (std::abs(u) < layers_.inner[layer]) return u * layers_.edge[layer];
        return at_the_edge(layer, u);
    }

  private:
    static constexpr std::size_t kLayers = 128;
    struct Layers {
        std::array<double, kLayers + 1> edge{};  ///< Where each ends, from the tail inwards.
        std::array<double, kLayers> inner{};     ///< The part of each that lies below the curve.
        Layers();
    };
    static const Layers& layers();
    double at_the_edge(std::size_t layer, double u);
    double tail(bool below);

    Rng& rng_;
    const Layers& layers_;
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
