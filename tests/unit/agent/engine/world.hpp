#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "agent/engine/engine.hpp"
#include "agent/identity/checkin_text.hpp"
#include "agent/identity/eid.hpp"
#include "agent/radio/frame.hpp"

namespace vitrine::engine {

using namespace std::chrono_literals;

inline constexpr MemberId kAna(0xa1);
inline constexpr MemberId kBob(0xb2);
inline constexpr KioskId kKiosk("kiosk-1");
inline constexpr KioskId kFarKiosk("kiosk-2");
inline constexpr CategoryId kCoffee(1);
inline constexpr CategoryId kFruit(2);
inline constexpr CategoryId kHealth(3);
inline constexpr CategoryId kBread(4);

inline identity::IdentityKey key_of(MemberId member) {
    identity::IdentityKey key;
    key.bytes.fill(static_cast<std::uint8_t>(member.value()));
    return key;
}

/// One shop with one kiosk under one scanner, whose clock moves only when told to.
class World {
  public:
    explicit World(std::uint64_t seed = 1, std::size_t kiosks = 1) : engine_(setup(seed, kiosks)) {
        engine_.on(catalogue()).value();
        profiles::Policy policy{.epoch = Epoch(1)};
        policy.loop_step = 0ms;
        policy.change_jitter = 0ms;
        policy.minimum_dwell = 0ms;
        policy.holdout_permille = 0;
        engine_.on(policy).value();
        engine_.tick(now(), effects_);
    }

    /// A member whose phone the shop can recognise, with these purposes granted.
    void enrol(MemberId member, std::vector<consent::Purpose> purposes) {
        consent::Consents consents;
        for (const consent::Purpose purpose : purposes) {
            consents.of(purpose) = {.granted = true};
        }
        recognition_.epoch = recognition_.epoch.next();
        const auto period = identity::period_of(identity::beacon_seconds(now().wall));
        identity::MemberKeys keys{.member = member, .first_period = period};
        for (std::uint32_t i = 0; i < 3; ++i) {
            keys.keys.push_back(identity::temporary_key(key_of(member), period + i).bytes);
        }
        std::erase_if(recognition_.keys, [&](const auto& each) { return each.member == member; });
        recognition_.keys.push_back(keys);
        recognition_.consents.emplace_back(member, consents);
        engine_.on(recognition_, now()).value();
        profiles_.push_back(
            {.member = member,
             .level = profiles::Level::full,
             .habits = {
                 {.category = kCoffee, .last_bought_day = day_of(now().wall) - 20, .weight = 4}}});
        cards_.push_back({.member = member, .calls_me = "Ana"});
        engine_.on(profiles::ProfileBook(recognition_.epoch, profiles_, cards_)).value();
        settle();
    }

    /// The phones of these members are heard at the kiosk, twice a second.
    void hear(std::vector<MemberId> members, std::chrono::milliseconds during,
              Rssi rssi = Rssi(-45), std::uint16_t scanner = 0) {
        for (auto passed = 0ms; passed < during; passed += 500ms) {
            for (const MemberId member : members) {
                const radio::Eid eid = identity::current_eid(key_of(member), now().wall);
                advert(radio::encode(radio::EddystoneEid{.tx_power_dbm = -20, .eid = eid}), rssi,
                       scanner);
            }
            pass(500ms);
        }
    }

    void advert(const radio::Payload& payload, Rssi rssi, std::uint16_t scanner = 0) {
        engine_.on({.at = now().instant, .scanner = scanner, .rssi = rssi, .data = payload}, now());
    }

    /// Time goes by, in ticks of 100 ms.
    void pass(std::chrono::milliseconds during) {
        for (auto passed = 0ms; passed < during; passed += 100ms) {
            since_start_ += 100ms;
            engine_.tick(now(), effects_);
        }
    }

    void settle() {
        for (int i = 0; i < 200 && engine_.table().busy(); ++i) engine_.tick(now(), effects_);
        engine_.tick(now(), effects_);
    }

    Result<void> touch(session::TouchKind kind, OfferId offer = {}) {
        return engine_.on(
            session::Touch{
                .kiosk = kKiosk, .decision = screen().decision, .kind = kind, .offer = offer},
            secret(), now(), effects_);
    }

    /// Different with every call, in every part.
    Secret secret() {
        Secret made{};
        for (std::uint8_t& byte : made) byte = ++secret_;
        return made;
    }

    /// What the member's phone answers to a challenge.
    identity::CheckIn answer(MemberId member, const identity::Challenge& challenge) const {
        const std::uint32_t seconds = identity::beacon_seconds(now().wall);
        const std::uint32_t window = identity::window_of(seconds);
        const identity::TemporaryKey key =
            identity::temporary_key(key_of(member), identity::period_of(seconds));
        return {.nonce = challenge.nonce,
                .eid = identity::current_eid(key_of(member), now().wall),
                .window = window,
                .answer = identity::answer_to(key, challenge.nonce, challenge.kiosk, window)};
    }

    /// The challenge in the code that the kiosk shows after a touch.
    identity::Challenge code() {
        if (!touch(session::TouchKind::identify) || !screen().check_in) return {};
        const std::string& url = screen().check_in->url;
        return identity::challenge_from_text(url.substr(url.rfind('/') + 1)).value();
    }

    identity::CheckInOutcome check_in(MemberId member, KioskId kiosk = kKiosk) {
        identity::Nonce nonce{};
        nonce[0] = ++secret_;
        nonce[15] = 0xee;
        const auto challenge = engine_.challenge(kiosk, nonce, now()).value();
        return engine_.on(answer(member, challenge), now(), effects_);
    }

    const session::Screen& screen() const { return *engine_.screen(kKiosk); }
    OfferId first_offer() const { return screen().cards.at(0).offer; }

    template <class Body>
    std::vector<session::Record> records() const {
        std::vector<session::Record> found;
        for (const session::Record& record : effects_.records) {
            if (std::holds_alternative<Body>(record.body)) found.push_back(record);
        }
        return found;
    }

    Now now() const { return {instant_at(1h) + since_start_, kStart + since_start_}; }
    Engine& engine() { return engine_; }
    Effects& effects() { return effects_; }

    static profiles::Catalogue catalogue() {
        profiles::Catalogue made{
            .epoch = Epoch(1),
            .categories = {{.id = kCoffee, .name = {"Café", "Coffee"}},
                           {.id = kFruit, .name = {"Fruits", "Fruit"}},
                           {.id = kHealth, .name = {"Santé", "Health"}, .sensitive = true},
                           {.id = kBread, .name = {"Pain", "Bread"}}}};
        const CategoryId categories[] = {kCoffee, kFruit, kHealth, kBread};
        for (std::uint32_t i = 0; i < 24; ++i) {
            made.offers.push_back(
                {.id = OfferId(100 + i),
                 .category = categories[i % 4],
                 .title = {"Offre " + std::to_string(i), "Offer " + std::to_string(i)},
                 .price = Cents(199)});
        }
        return made;
    }

  private:
    static constexpr WallTime kStart = wall_at(std::chrono::hours(24 * 20'000 + 10));

    static Setup setup(std::uint64_t seed, std::size_t kiosks) {
        Setup made{.store = StoreId("lyon"),
                   .seed = seed,
                   .claim_prefix = "http://shop/c/",
                   .check_in_prefix = "http://shop/i/"};
        made.layout.kiosks = {{.id = kKiosk}};
        made.layout.scanners = {{.id = ScannerId("hall"), .kiosk = 0}};
        if (kiosks == 1) return made;
        made.layout.kiosks.push_back({.id = kFarKiosk});
        made.layout.scanners.push_back({.id = ScannerId("back"), .kiosk = 1});
        return made;
    }

    Engine engine_;
    Effects effects_;
    std::chrono::milliseconds since_start_{0};
    Recognition recognition_;
    std::uint8_t secret_ = 0;
    std::vector<profiles::Profile> profiles_;
    std::vector<profiles::StaffCard> cards_;
};

inline const std::vector<consent::Purpose> kAllPurposes(consent::kPurposes.begin(),
                                                        consent::kPurposes.end());

}  // namespace vitrine::engine
