#include "drivers/simulated/shoppers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "agent/base/check.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/simulated/junk.hpp"

namespace vitrine::simulated {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kMemberInterval = std::chrono::milliseconds(500);
/// Bluetooth adds up to 10 ms to each interval so that two phones do not collide for ever.
constexpr double kJitter_ns = 10e6;
/// In about every hundredth advert, a stranger sets out for somewhere else.
constexpr std::uint64_t kStandingAdverts = 100;

nanoseconds nanoseconds_from(double seconds) {
    return nanoseconds(std::llround(std::min(seconds, 1e9) * 1e9));
}

template <class Items, class Name>
std::string list_of(const Items& items, Name name) {
    constexpr std::size_t kListed = 20;
    std::string list;
    for (std::size_t i = 0; i < std::min(items.size(), kListed); ++i) {
        list += (i == 0 ? "" : ", ") + std::string(name(items[i]));
    }
    if (items.size() > kListed) list += ", …";
    return list.empty() ? "none" : list;
}

/// The first name that comes twice, or is one of ours.
template <class Items, class Name>
std::optional<std::string> bad_name(const Items& items, Name name) {
    std::vector<std::string> names;
    for (const auto& item : items) names.emplace_back(name(item));
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end()) return "'" + *twice + "' appears twice";
    for (const std::string& each : names) {
        if (each.empty()) return "a name is empty";
        if (each == Shoppers::kDoor || each == Shoppers::kAway) {
            return "'" + each + "' has a meaning of its own";
        }
    }
    return std::nullopt;
}

Result<void> check(const FloorPlan& plan, const Script& script) {
    if (plan.scanners.empty()) return invalid("the floor plan has no scanner");
    if (plan.scanners.size() > kScannersMax) return invalid("the floor plan has too many scanners");
    if (plan.kiosks.size() > kKiosksMax) return invalid("the floor plan has too many kiosks");
    if (const auto bad = bad_name(plan.kiosks, [](const Place& kiosk) { return kiosk.name; })) {
        return invalid("kiosks: " + *bad);
    }
    if (script.phones.size() > kPhonesMax || script.strangers > kStrangersMax) {
        return invalid("there are too many phones");
    }
    if (const auto bad = bad_name(script.phones, [](const Phone& phone) { return phone.label; })) {
        return invalid("phones: " + *bad);
    }
    if (!(script.stranger_adverts_per_s > 0)) return invalid("strangers send at a rate above 0");
    return {};
}

}  // namespace

Result<Shoppers> Shoppers::make(FloorPlan plan, Script script, std::uint64_t seed, Air air) {
    TRY(check(plan, script));
    Shoppers shoppers(std::move(plan), std::move(script), seed, air);
    TRY(shoppers.check_steps());
    return shoppers;
}

Shoppers::Shoppers(FloorPlan plan, Script script, std::uint64_t seed, const Air& air)
    : plan_(std::move(plan)),
      steps_(std::move(script.steps)),
      stranger_adverts_per_s_(script.stranger_adverts_per_s),
      air_(air),
      rng_(seed),
      members_(script.phones.size()) {
    std::ranges::stable_sort(steps_, {}, &Step::at);
    for (Phone& phone : script.phones) add_walker(std::move(phone), false);
    for (std::size_t i = 0; i < script.strangers; ++i) add_walker({}, true);
}

void Shoppers::add_walker(Phone phone, bool in_store) {
    const Point at = in_store ? anywhere() : plan_.door;
    walkers_.push_back({.label = std::move(phone.label),
                        .key = phone.key,
                        .place = std::string(kAway),
                        .in_store = in_store,
                        .at = at,
                        .target = at,
                        .address_window = std::nullopt,
                        .address = {},
                        .shadows = Shadows(air_, plan_.scanners.size(), rng_)});
}

Result<void> Shoppers::check_steps() const {
    for (const Step& step : steps_) {
        const std::size_t walker = TRY(index_of(step.label));
        TRY(spot(step.place, walker));
    }
    return {};
}

Result<std::size_t> Shoppers::index_of(std::string_view label) const {
    const auto members = std::span(walkers_).first(members_);
    const auto found = std::ranges::find(members, label, &Walker::label);
    if (found != members.end()) return static_cast<std::size_t>(found - members.begin());
    return not_found("nobody is called '" + std::string(label.substr(0, 64)) + "' (there are: " +
                     list_of(members, [](const Walker& w) { return w.label; }) + ")");
}

/// People stand around a kiosk, not in one another: each at an angle of their own.
Result<Point> Shoppers::spot(std::string_view place, std::size_t walker) const {
    if (place == kDoor || place == kAway) return plan_.door;
    const auto kiosk = std::ranges::find(plan_.kiosks, place, &Place::name);
    if (kiosk == plan_.kiosks.end()) {
        return not_found(
            "there is no place '" + std::string(place.substr(0, 64)) + "' (there are: " +
            list_of(plan_.kiosks, [](const Place& k) { return k.name; }) + ", door, away)");
    }
    constexpr double kGoldenAngle = 2.399963229728653;
    const double angle = kGoldenAngle * static_cast<double>(walker);
    const double radius_m = 0.8 + 0.1 * static_cast<double>(walker % 5);
    return Point{kiosk->at.x_m + radius_m * std::cos(angle),
                 kiosk->at.y_m + radius_m * std::sin(angle), kiosk->at.z_m};
}

/// A random point between the scanners.
Point Shoppers::anywhere() {
    constexpr double kFar = std::numeric_limits<double>::max();
    Point low{kFar, kFar, 0};
    Point high{-kFar, -kFar, 0};
    for (const Point& at : plan_.scanners) {
        low = {std::min(low.x_m, at.x_m), std::min(low.y_m, at.y_m), at.z_m};
        high = {std::max(high.x_m, at.x_m), std::max(high.y_m, at.y_m), at.z_m};
    }
    constexpr double kMargin_m = 3;
    const auto between = [this](double from, double to) {
        return from - kMargin_m + (to - from + 2 * kMargin_m) * rng_.uniform();
    };
    const double x_m = between(low.x_m, high.x_m);
    return {x_m, between(low.y_m, high.y_m), low.z_m};
}

Result<void> Shoppers::steer(std::string_view label, std::string_view place) {
    const std::size_t index = TRY(index_of(label));
    const Point target = TRY(spot(place, index));
    Walker& walker = walkers_[index];
    if (place != kAway && !walker.in_store) {
        walker.in_store = true;
        walker.at = plan_.door;
    }
    walker.place = place;
    walker.target = target;
    return {};
}

void Shoppers::begin(Instant now) {
    start_ = last_ = now;
    for (Walker& walker : walkers_) {
        walker.moved = now;
        // At any phase of its interval, or all phones would speak at once.
        const auto interval = static_cast<double>(interval_of(walker).count());
        walker.next_advert = now + nanoseconds_from(1e-9 * interval * rng_.uniform());
    }
}

void Shoppers::skip_pause(Instant now) {
    if (now - last_ <= kPauseMax) return;
    last_ = now - kPauseMax;
    for (Walker& walker : walkers_) {
        if (walker.next_advert < last_) walker.next_advert = last_ + interval_of(walker);
    }
}

void Shoppers::tick(Instant now, WallTime wall, std::vector<radio::Advert>& out) {
    if (!start_) begin(now);
    if (now < last_) return;
    skip_pause(now);
    const auto begin = static_cast<std::ptrdiff_t>(out.size());
    for (; next_step_ < steps_.size(); ++next_step_) {
        const Step& step = steps_[next_step_];
        if (*start_ + step.at > now) break;
        advance(now, std::max(*start_ + step.at, last_), wall, out);
        const auto steered = steer(step.label, step.place);
        CHECK(steered.has_value());  // `make` looked at every step.
    }
    advance(now, now, wall, out);
    std::ranges::stable_sort(out.begin() + begin, out.end(), {}, &radio::Advert::at);
}

void Shoppers::advance(Instant now, Instant until, WallTime wall, std::vector<radio::Advert>& out) {
    for (Walker& walker : walkers_) {
        while (walker.next_advert <= until) {
            walk(walker, walker.next_advert);
            const auto ago =
                std::chrono::duration_cast<std::chrono::milliseconds>(now - walker.next_advert);
            if (walker.in_store) send(walker, wall - ago, out);
            walker.next_advert += interval_of(walker);
        }
        walk(walker, until);
    }
    last_ = until;
}

void Shoppers::walk(Walker& walker, Instant until) {
    const double seconds = 1e-9 * static_cast<double>((until - walker.moved).count());
    walker.moved = std::max(walker.moved, until);
    if (!walker.in_store || seconds <= 0) return;
    const double left_m = distance_m(walker.at, walker.target);
    const double step_m = std::min(left_m, kWalk_m_per_s * seconds);
    if (left_m > 0) {
        const double share = step_m / left_m;
        walker.at.x_m += share * (walker.target.x_m - walker.at.x_m);
        walker.at.y_m += share * (walker.target.y_m - walker.at.y_m);
        walker.at.z_m += share * (walker.target.z_m - walker.at.z_m);
        walker.shadows.walk(air_, step_m, rng_);
    }
    if (step_m < left_m) return;
    walker.at = walker.target;
    if (!walker.label.empty() && walker.place == kAway) walker.in_store = false;
}

void Shoppers::send(Walker& walker, WallTime wall, std::vector<radio::Advert>& out) {
    const std::uint32_t window = identity::window_of(identity::beacon_seconds(wall));
    if (walker.address_window != window) {
        walker.address_window = window;
        walker.address = private_address(rng_);
    }
    radio::Advert advert{.at = walker.next_advert,
                         .scanner = 0,
                         .rssi = kRssiUnknown,
                         .address = walker.address,
                         .data = payload_of(walker, wall)};
    for (std::size_t scanner = 0; scanner < plan_.scanners.size(); ++scanner) {
        const double metres = distance_m(walker.at, plan_.scanners[scanner]);
        const auto heard = level(air_, metres, walker.shadows.at(scanner), rng_);
        if (!heard) continue;
        advert.scanner = static_cast<std::uint16_t>(scanner);
        advert.rssi = *heard;
        out.push_back(advert);
    }
    const bool moves_on = walker.label.empty() && rng_.below(kStandingAdverts) == 0;
    if (moves_on) walker.target = anywhere();
}

/// Every other phone is an iPhone, which can only send UUIDs.
radio::Payload Shoppers::payload_of(const Walker& walker, WallTime wall) {
    if (walker.label.empty()) return junk_payload(rng_);
    constexpr std::int8_t kTxPower_dbm = -21;
    const radio::Eid eid = identity::current_eid(walker.key, wall);
    const bool is_iphone = (&walker - walkers_.data()) % 2 == 1;
    return is_iphone ? encode(radio::UuidEid{eid}) : encode(radio::EddystoneEid{kTxPower_dbm, eid});
}

nanoseconds Shoppers::interval_of(const Walker& walker) {
    if (walker.label.empty()) {
        return nanoseconds_from((0.5 + rng_.uniform()) / stranger_adverts_per_s_);
    }
    return kMemberInterval + nanoseconds(std::llround(kJitter_ns * (rng_.uniform() - 0.5)));
}

std::vector<Whereabouts> Shoppers::whereabouts() const {
    std::vector<Whereabouts> all;
    for (const Walker& walker : std::span(walkers_).first(members_)) {
        all.push_back({.label = walker.label,
                       .place = walker.place,
                       .in_store = walker.in_store,
                       .walking = walker.in_store && walker.at != walker.target,
                       .at = walker.at});
    }
    return all;
}

}  // namespace vitrine::simulated
