#include "drivers/replay/player.hpp"

#include <cmath>

#include "agent/base/check.hpp"

namespace vitrine::replay {
namespace {

radio::Payload payload_of(const Heard& heard, WallTime wall) {
    if (const auto* payload = std::get_if<radio::Payload>(&heard.sent)) return *payload;
    const auto& key = std::get<identity::IdentityKey>(heard.sent);
    // What a receiver at no distance would see of the walks' beacon: 41 dB above the level at 1 m,
    // as the Eddystone specification has it.
    constexpr std::int8_t kTxPower_dbm = -21;
    return radio::encode(radio::EddystoneEid{kTxPower_dbm, identity::current_eid(key, wall)});
}

}  // namespace

Player::Player(Recording recording, double speed)
    : recording_(std::move(recording)), speed_(speed) {
    CHECK(speed >= 0.001);  // 31 days at this speed still fit into an Instant.
}

void Player::start(Instant now) {
    start_ = now;
    next_ = 0;
}

Instant Player::time_of(const Heard& heard) const {
    const double since_start_ns = static_cast<double>(heard.at.count()) / speed_;
    return start_ + std::chrono::nanoseconds(std::llround(since_start_ns));
}

std::optional<Instant> Player::due() const {
    if (next_ == recording_.heard.size()) return std::nullopt;
    return time_of(recording_.heard[next_]);
}

void Player::play(Instant now, WallTime wall, std::size_t max, std::vector<radio::Advert>& out) {
    for (; max > 0 && next_ < recording_.heard.size(); --max, ++next_) {
        const Heard& heard = recording_.heard[next_];
        if (time_of(heard) > now) return;
        out.push_back({.at = time_of(heard),
                       .scanner = heard.scanner,
                       .rssi = heard.rssi,
                       .address = heard.address,
                       .data = payload_of(heard, wall)});
    }
}

}  // namespace vitrine::replay
