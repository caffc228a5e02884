#include <algorithm>
#include <cmath>

#include "agent/identity/checkin.hpp"
#include "agent/identity/eid.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/simulated/junk.hpp"
#include "tests/simulation/centre.hpp"
#include "tests/simulation/store_life.hpp"

// Shoppers: what the radio hears of them and what they do at the kiosk.

namespace vitrine::simulation {

using session::TouchKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::uint32_t kVisitorsMax = 4;

}  // namespace

void Store::visit(MemberId member) {
    if (!life_ || dying_ || visitors_ >= kVisitorsMax) return;
    ++context_.tally.visits;
    ++visitors_;
    use_disk();
    // The table of identifiers follows the clock in steps.
    for (int i = 0; i < 64; ++i) {
        step();
        if (!life_ || dying_ || !life_->engine.table().busy()) break;
    }
    const bool coarse = context_.options.coarse;
    auto made = std::make_shared<Visit>(
        Visit{.member = member,
              .steps_left = static_cast<std::uint32_t>(12 + context_.rng.below(coarse ? 12 : 60)),
              .step = milliseconds(coarse ? 1000 : 500),
              .touches = context_.healing ? 0 : context_.rng.uniform() * (coarse ? 0.2 : 0.15)});
    visit_step(lives_, made);
}

void Store::visit_step(std::uint32_t life, const std::shared_ptr<Visit>& visit) {
    if (life != lives_ || !life_ || dying_) return;
    hear(visit->member);
    if (context_.happens(visit->touches)) touch(visit->member);
    step();
    if (life != lives_ || !life_ || dying_) return;
    if (--visit->steps_left > 0) {
        context_.agenda.after(visit->step, [this, life, visit]() { visit_step(life, visit); });
        return;
    }
    --visitors_;
    // Silence ends the presence.
    context_.agenda.after(seconds(11), [this, life] { look_after(life, 3); });
}

void Store::look_after(std::uint32_t life, std::uint32_t left) {
    if (life != lives_) return;
    step();
    if (left > 0) {
        context_.agenda.after(seconds(5), [this, life, left] { look_after(life, left - 1); });
    }
}

void Store::hear(MemberId member) {
    const engine::Now now = moment();
    const auto advert = [&](const radio::Payload& payload, double level_dbm) {
        ++context_.tally.adverts;
        const auto rssi = static_cast<std::int8_t>(std::clamp(level_dbm, -100.0, 0.0));
        life_->engine.on({.at = now.instant, .scanner = 0, .rssi = Rssi(rssi), .data = payload},
                         now);
    };
    while (context_.happens(context_.faults.radio_noise)) {
        if (context_.happens(0.5)) {
            advert(simulated::junk_payload(context_.rng), -70 + 10 * context_.rng.normal());
            continue;
        }
        radio::EddystoneEid stranger{.tx_power_dbm = -20, .eid = {}};
        for (auto& byte : stranger.eid.bytes) byte = static_cast<std::uint8_t>(context_.rng.next());
        advert(radio::encode(stranger), -50);
    }
    if (context_.happens(context_.faults.radio_lost)) return;
    const radio::Eid eid = identity::current_eid(key_of(member), context_.true_time());
    const double noise_db = context_.healing ? 1 : 5;
    advert(radio::encode(radio::EddystoneEid{.tx_power_dbm = -20, .eid = eid}),
           -45 + noise_db * context_.rng.normal());
}

engine::Secret Store::secret() {
    engine::Secret made{};
    for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>(context_.rng.next());
    return made;
}

void Store::touch(MemberId member) {
    use_disk();
    const KioskId kiosk("kiosk-1");
    const session::Screen* screen = life_->engine.screen(kiosk);
    if (screen == nullptr || screen->cards.empty()) return;
    if (context_.rng.below(6) == 0) return check_in(member);
    constexpr std::array kKinds{TouchKind::open, TouchKind::open,    TouchKind::open,
                                TouchKind::why,  TouchKind::dismiss, TouchKind::save,
                                TouchKind::save, TouchKind::leave};
    const session::Touch touched{
        .kiosk = kiosk,
        .decision = screen->decision,
        .kind = kKinds[context_.rng.below(kKinds.size())],
        .offer = screen->cards[context_.rng.below(screen->cards.size())].offer};
    // A screen that is gone and the like are no news here.
    (void)life_->engine.on(touched, secret(), moment(), life_->effects);
    keep();
    if (!life_ || !screen->claim || context_.rng.below(2) == 0) return;
    const std::string url = screen->claim->url;
    (void)life_->engine.claim(url.substr(url.rfind('/') + 1), moment(), life_->effects);
    keep();
}

void Store::check_in(MemberId member) {
    identity::Nonce nonce{};
    for (std::uint8_t& byte : nonce) byte = static_cast<std::uint8_t>(context_.rng.next());
    const KioskId kiosk("kiosk-1");
    const auto challenge = life_->engine.challenge(kiosk, nonce, moment());
    if (!challenge) return;
    const std::uint32_t unix_s = identity::beacon_seconds(context_.true_time());
    const std::uint32_t window = identity::window_of(unix_s);
    const auto key = identity::temporary_key(key_of(member), identity::period_of(unix_s));
    (void)life_->engine.on({.nonce = challenge->nonce,
                            .eid = identity::current_eid(key_of(member), context_.true_time()),
                            .window = window,
                            .answer = identity::answer_to(key, nonce, kiosk, window)},
                           moment(), life_->effects);
    keep();
    if (!life_ || dying_ || context_.rng.below(2) == 0) return;
    constexpr std::array kKinds{TouchKind::pause, TouchKind::resume, TouchKind::forget,
                                TouchKind::depersonalise};
    const session::Screen* screen = life_->engine.screen(kiosk);
    (void)life_->engine.on(session::Touch{.kiosk = kiosk,
                                          .decision = screen->decision,
                                          .kind = kKinds[context_.rng.below(kKinds.size())],
                                          .offer = {}},
                           secret(), moment(), life_->effects);
    keep();
}

bool Store::recognises(MemberId member) const {
    return life_ && life_->engine.tracker().whereabouts(member).has_value();
}

}  // namespace vitrine::simulation
