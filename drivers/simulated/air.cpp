#include "drivers/simulated/air.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::simulated {

Shadows::Shadows(const Air& air, std::size_t scanners, Rng& rng) : shadows_db_(scanners) {
    for (double& shadow : shadows_db_) shadow = air.shadow_db * rng.normal();
}

/// An Ornstein-Uhlenbeck process over the way walked: the scatter stays the same, the memory fades.
void Shadows::walk(const Air& air, double metres, Rng& rng) {
    if (metres <= 0) return;
    const double kept = std::exp(-metres / air.shadow_m);
    const double fresh = air.shadow_db * std::sqrt(1 - kept * kept);
    for (double& shadow : shadows_db_) shadow = kept * shadow + fresh * rng.normal();
}

std::optional<Rssi> level(const Air& air, double distance_m, double shadow_db, Rng& rng) {
    const bool lost = rng.uniform() < air.lost_share;
    const double noise_db = air.noise_db * rng.normal();
    // The path-loss law holds away from the antenna; nobody is nearer than this.
    constexpr double kNearest_m = 0.3;
    const double fit_dbm =
        air.level_at_1m_dbm - 10 * air.exponent * std::log10(std::max(distance_m, kNearest_m));
    const double heard_dbm = std::round(fit_dbm + shadow_db + noise_db);
    if (lost || heard_dbm < air.weakest_dbm) return std::nullopt;
    return Rssi(static_cast<std::int8_t>(std::clamp(heard_dbm, -127.0, 20.0)));
}

double distance_m(const Point& a, const Point& b) {
    return std::hypot(a.x_m - b.x_m, a.y_m - b.y_m, a.z_m - b.z_m);
}

}  // namespace vitrine::simulated
