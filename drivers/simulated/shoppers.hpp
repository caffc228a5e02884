#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/radio/advert.hpp"
#include "drivers/simulated/air.hpp"
#include "drivers/simulated/script.hpp"

namespace vitrine::simulated {

/// A kiosk by the name that `steer` takes.
struct Place {
    std::string name;
    Point at;
};

/// Where things are in the shop.
struct FloorPlan {
    /// In the order of the configured list: an advert's `scanner` is an index into it.
    std::vector<Point> scanners;
    std::vector<Place> kiosks;
    Point door;
};

inline constexpr std::size_t kScannersMax = 256;
inline constexpr std::size_t kKiosksMax = 64;

/// Where one phone is, for a picture of the shop.
struct Whereabouts {
    std::string label;
    /// A kiosk's name, "door" or "away": where it stands or is going to.
    std::string place;
    bool in_store = false;
    bool walking = false;
    Point at;
};

/// People who walk through the shop with phones in their pockets, and what the scanners hear of
/// them. Same seed, same calls: same adverts. Members' phones begin "away", strangers stand about.
///
/// A phone sends twice a second, walks 1.2 m/s in a straight line, and stops about a metre before a
/// kiosk, beside those who are there.
class Shoppers {
  public:
    /// After a longer pause between two ticks, nothing is sent for what lies before.
    static constexpr std::chrono::seconds kPauseMax{5};
    static constexpr double kWalk_m_per_s = 1.2;
    static constexpr std::string_view kDoor = "door";
    static constexpr std::string_view kAway = "away";

    /// `invalid` for a plan without scanners or above the limits, for a kiosk or a phone named
    /// twice or like the places above, and for a step with an unknown phone or place.
    static Result<Shoppers> make(FloorPlan plan, Script script, std::uint64_t seed, Air air = {});

    /// Sends a phone on its way, to a kiosk, the "door" or "away" (out of the door). `not_found`
    /// listing the known ones for another label or place.
    Result<void> steer(std::string_view label, std::string_view place);

    /// Lets time pass until `now`, which is `wall` for people, and appends what was heard, in the
    /// order of time. The first tick begins the script.
    void tick(Instant now, WallTime wall, std::vector<radio::Advert>& out);

    std::vector<Whereabouts> whereabouts() const;

  private:
    struct Walker {
        std::string label;  ///< Empty for a stranger.
        identity::IdentityKey key;
        std::string place;
        bool in_store = false;
        Point at;
        Point target;
        Instant moved{};
        Instant next_advert{};
        /// Address and identifier change together, or they would give each other away.
        std::optional<std::uint32_t> address_window;
        radio::Address address;
        Shadows shadows;
    };

    Shoppers(FloorPlan plan, Script script, std::uint64_t seed, const Air& air);
    void add_walker(Phone phone, bool in_store);
    Result<void> check_steps() const;
    Result<std::size_t> index_of(std::string_view label) const;
    Result<Point> spot(std::string_view place, std::size_t walker) const;
    Point anywhere();
    void begin(Instant now);
    void skip_pause(Instant now);
    void advance(Instant now, Instant until, WallTime wall, std::vector<radio::Advert>& out);
    void walk(Walker& walker, Instant until);
    void send(Walker& walker, WallTime wall, std::vector<radio::Advert>& out);
    radio::Payload payload_of(const Walker& walker, WallTime wall);
    std::chrono::nanoseconds interval_of(const Walker& walker);

    FloorPlan plan_;
    std::vector<Step> steps_;
    double stranger_adverts_per_s_;
    Air air_;
    Rng rng_;
    std::vector<Walker> walkers_;  ///< Members in the script's order, then strangers.
    std::size_t members_ = 0;
    std::optional<Instant> start_;
    Instant last_{};
    std::size_t next_step_ = 0;
};

}  // namespace vitrine::simulated
