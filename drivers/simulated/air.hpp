#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/base/units.hpp"

namespace vitrine::simulated {

/// How far and how unsteadily scanners hear. The figures were measured on labelled walks: a moving
/// phone's level scatters 6.25 dB around a path-loss fit with −62 dBm at 1 m and exponent 1.4; a
/// phone at rest 2.9 dB around a level of its own. So most of the scatter goes with the place.
struct Air {
    double level_at_1m_dbm = -62;
    double exponent = 1.4;
    /// Scatter that changes from place to place: shelves, bodies, reflections.
    double shadow_db = 5.5;
    /// Over how many metres of walking the shadow becomes another one.
    double shadow_m = 1.5;
    /// Scatter from advert to advert.
    double noise_db = 2.9;
    /// What is weaker is not heard.
    double weakest_dbm = -95;
    /// Adverts that collide or fall between two scans.
    double lost_share = 0.05;
};

/// The shadows in which one phone stands, one a scanner: they move with it.
class Shadows {
  public:
    Shadows(const Air& air, std::size_t scanners, Rng& rng);

    /// The phone walked this far.
    void walk(const Air& air, double metres, Rng& rng);
    double at(std::size_t scanner) const { return shadows_db_[scanner]; }

  private:
    std::vector<double> shadows_db_;
};

/// At which level a scanner hears one advert from `distance_m`; nothing if it does not.
std::optional<Rssi> level(const Air& air, double distance_m, double shadow_db, Rng& rng);

double distance_m(const Point& a, const Point& b);

}  // namespace vitrine::simulated
