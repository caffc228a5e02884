#include "agent/offers/normal.hpp"

#include <bit>

#include "agent/offers/logistic.hpp"

namespace vitrine::offers {

namespace {

/// Where the tail begins, and the area of each of 128 layers (Marsaglia and Tsang).
constexpr double kTail = 3.442619855899;
constexpr double kArea = 9.91256303526217e-3;

/// e^x of a negative number that is not far from 0.
double exp_of(double x) { return 1 / logistic_exactly(-x) - 1; }
double height(double x) { return exp_of(-0.5 * x * x); }

}  // namespace

double log_exactly(double x) {
    constexpr double kLn2 = 0.6931471805599453;
    constexpr double kRootHalf = 0.7071067811865476;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto power = static_cast<std::int64_t>(bits >> 52 & 0x7ffU) - 1022;
    double m = std::bit_cast<double>((bits & 0x000fffffffffffffU) | 0x3fe0000000000000U);
    if (m < kRootHalf) {
        m *= 2;
        --power;
    }
    // 2 artanh((m - 1) / (m + 1)): the argument is at most 0.172.
    const double s = (m - 1) / (m + 1);
    double sum = 0;
    for (int n = 17; n > 0; n -= 2) sum = sum * s * s + 1.0 / n;
    return static_cast<double>(power) * kLn2 + 2 * s * sum;
}

Normals::Layers::Layers() {
    double above = height(kTail);
    edge[0] = kArea / above;
    edge[1] = kTail;
    for (std::size_t i = 2; i < kLayers; ++i) {
        edge[i] = std::sqrt(-2 * log_exactly(kArea / edge[i - 1] + above));
        above = height(edge[i]);
    }
    for (std::size_t i = 0; i < kLayers; ++i) inner[i] = edge[i + 1] / edge[i];
}

const Normals::Layers& Normals::layers() {
    static const Layers kTheLayers;
    return kTheLayers;
}

/// One draw in eighty lands here.
double Normals::at_the_edge(std::size_t layer, double u) {
    if (layer == 0) return tail(u < 0);
    const double x = u * layers_.edge[layer];
    const double outer = layers_.edge[layer];
    const double inner = layers_.edge[layer + 1];
    const double low = exp_of(-0.5 * (outer * outer - x * x));
    const double high = 1 / exp_of(-0.5 * (x * x - inner * inner));
    return low + rng_.uniform() * (high - low) < 1 ? x : next();
}

double Normals::tail(bool below) {
    double x = 0;
    double y = 0;
    do {
        x = -log_exactly(1 - rng_.uniform()) / kTail;
        y = -log_exactly(1 - rng_.uniform());
    } while (2 * y < x * x);
    return below ? -kTail - x : kTail + x;
}

}  // namespace vitrine::offers
