#include "sync/central/always_valid.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::central {

namespace {

/// Where the interval is narrowest.
constexpr double kNarrowestAt = 1000;

double variance_of(const ArmSums& arm) {
    const auto n = static_cast<double>(arm.members);
    return std::max(0.0, (arm.squares - arm.sum * arm.sum / n) / (n - 1));
}

/// The upper tail of a chi-square with so many degrees of freedom.
double chi_square_tail(double x, std::size_t degrees) {
    const double half = x / 2;
    // Q(a + 1, y) = Q(a, y) + y^a e^-y / Γ(a + 1), from a = 1/2 or a = 1.
    double a = degrees % 2 == 1 ? 0.5 : 1;
    double tail = degrees % 2 == 1 ? std::erfc(std::sqrt(half)) : std::exp(-half);
    for (; a < static_cast<double>(degrees) / 2; a += 1) {
        tail += std::exp(a * std::log(std::max(half, 1e-300)) - half - std::lgamma(a + 1));
    }
    return std::clamp(tail, 0.0, 1.0);
}

}  // namespace

std::optional<Difference> always_valid(const ArmSums& arm, const ArmSums& against, double alpha) {
    if (arm.members < 2 || against.members < 2) return std::nullopt;
    const auto n = static_cast<double>(arm.members + against.members);
    // What one member, drawn at random into an arm, tells of the difference.
    const double variance = n * (variance_of(arm) / static_cast<double>(arm.members) +
                                 variance_of(against) / static_cast<double>(against.members));
    const double log_alpha = -2 * std::log(alpha);
    const double rho_square = (log_alpha + std::log(log_alpha + 1)) / kNarrowestAt;
    const double mixed = n * rho_square + 1;
    const double half_width = std::sqrt(variance) * std::sqrt(2 * mixed / (n * n * rho_square) *
                                                              std::log(std::sqrt(mixed) / alpha));
    const double difference = arm.mean() - against.mean();
    return Difference{difference, difference - half_width, difference + half_width};
}

double sample_ratio_p(std::span<const std::uint64_t> members, std::span<const double> weights) {
    double total = 0;
    double whole = 0;
    std::size_t arms = 0;
    for (std::size_t i = 0; i < std::min(members.size(), weights.size()); ++i) {
        if (weights[i] <= 0) continue;
        total += static_cast<double>(members[i]);
        whole += weights[i];
        ++arms;
    }
    if (arms < 2 || total <= 0) return 1;
    double chi_square = 0;
    for (std::size_t i = 0; i < std::min(members.size(), weights.size()); ++i) {
        if (weights[i] <= 0) continue;
        const double expected = total * weights[i] / whole;
        const double apart = static_cast<double>(members[i]) - expected;
        chi_square += apart * apart / expected;
    }
    return chi_square_tail(chi_square, arms - 1);
}

}  // namespace vitrine::central
