#include "sync/central/ratio.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vitrine::central {

namespace {

constexpr double kSmallest = 1e-6;
constexpr double kLargest = 1e6;
constexpr int kHalvings = 80;

/// How many standard errors the data lie above a ratio of θ. The error is the one that would be if
/// θ were true: with the most likely shares of which one is θ times the other.
double score(const Share& one, const Share& other, double theta) {
    const auto x1 = static_cast<double>(one.yes);
    const auto n1 = static_cast<double>(one.all);
    const auto x2 = static_cast<double>(other.yes);
    const auto n2 = static_cast<double>(other.all);
    const double a = (n1 + n2) * theta;
    const double b = theta * (n1 + x2) + x1 + n2;
    const double c = x1 + x2;
    const double p2 = (b - std::sqrt(std::max(0.0, b * b - 4 * a * c))) / (2 * a);
    const double p1 = std::min(1.0, theta * p2);
    const double variance = p1 * (1 - p1) / n1 + theta * theta * p2 * (1 - p2) / n2;
    const double difference = x1 / n1 - theta * x2 / n2;
    if (difference == 0) return 0;
    return difference / std::sqrt(std::max(variance, 1e-300));
}

/// The ratio at which the score, which falls as the ratio grows, is `z`.
double where_score_is(const Share& one, const Share& other, double z) {
    double low = std::log(kSmallest);
    double high = std::log(kLargest);
    for (int i = 0; i < kHalvings; ++i) {
        const double middle = (low + high) / 2;
        (score(one, other, std::exp(middle)) > z ? low : high) = middle;
    }
    return std::exp((low + high) / 2);
}

}  // namespace

RatioInterval ratio_interval(const Share& one, const Share& other, double z) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    if (one.yes == 0 && other.yes == 0) return {.ratio = 1, .low = 0, .high = infinite};
    return {.ratio = other.yes == 0 ? infinite : one.rate() / other.rate(),
            .low = one.yes == 0 ? 0 : where_score_is(one, other, z),
            .high = other.yes == 0 ? infinite : where_score_is(one, other, -z)};
}

double two_sided_z(double probability) {
    double low = 0;
    double high = 40;
    for (int i = 0; i < kHalvings; ++i) {
        const double middle = (low + high) / 2;
        (std::erfc(middle / std::sqrt(2.0)) > probability ? low : high) = middle;
    }
    return (low + high) / 2;
}

}  // namespace vitrine::central
