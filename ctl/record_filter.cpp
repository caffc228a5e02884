#include "ctl/record_filter.hpp"

#include <algorithm>
#include <variant>

#include "agent/radio/frame.hpp"

namespace vitrine::ctl {
namespace {

/// An identifier lives for eight and a half minutes; phones' clocks may be one window off.
constexpr std::chrono::seconds kWindow{1 << identity::kRotationExponent};
constexpr std::chrono::seconds kComputedMax{1};

/// The frame as a transmitter would send it, without what came beside it.
std::optional<radio::Payload> bare(const radio::Frame& frame) {
    if (const auto* eid = std::get_if<radio::EddystoneEid>(&frame)) return radio::encode(*eid);
    if (const auto* eid = std::get_if<radio::UuidEid>(&frame)) return radio::encode(*eid);
    return std::nullopt;
}

}  // namespace

Result<std::vector<identity::IdentityKey>> read_keys(std::string_view text, std::string_view file) {
    std::vector<identity::IdentityKey> keys;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        const std::string place = std::string(file) + ":" + std::to_string(number);
        if (keys.size() == kKeysMax) return invalid(place + ": more keys than 16");
        keys.push_back({TRY(fixed_from_hex<16>(line).within(place))});
    }
    if (keys.empty()) return invalid(std::string(file) + ": holds no key");
    return keys;
}

RecordFilter::RecordFilter(engine::Engine& engine, std::vector<identity::IdentityKey> own)
    : engine_(engine), own_(std::move(own)) {}

const identity::IdentityKey* RecordFilter::owner_of(const radio::Eid& eid, WallTime now) {
    if (!computed_ || now > *computed_ + kComputedMax || now < *computed_) {
        own_eids_.clear();
        for (std::size_t i = 0; i < own_.size(); ++i) {
            for (const auto window : {-kWindow, 0 * kWindow, kWindow}) {
                own_eids_.emplace_back(identity::current_eid(own_[i], now + window), i);
            }
        }
        computed_ = now;
    }
    const auto found =
        std::ranges::find(own_eids_, eid, &std::pair<radio::Eid, std::size_t>::first);
    return found == own_eids_.end() ? nullptr : &own_[found->second];
}

/// The engine's own answer, consent included: only what it permits reaches its tracker.
bool RecordFilter::recognises(const radio::Advert& advert, engine::Now now) {
    const std::uint64_t before = engine_.tracker().counts().heard;
    engine_.on(advert, now);
    return engine_.tracker().counts().heard != before;
}

std::optional<replay::Heard> RecordFilter::pass(const radio::Advert& advert,
                                                std::chrono::nanoseconds since_start,
                                                engine::Now now) {
    const radio::Frame frame = radio::classify(advert.payload());
    const auto eid = radio::eid_of(frame);
    const auto payload = bare(frame);
    if (!eid || !payload) return std::nullopt;
    replay::Heard heard{
        .at = since_start, .scanner = advert.scanner, .rssi = advert.rssi, .sent = *payload};
    if (const identity::IdentityKey* owner = owner_of(*eid, now.wall)) {
        heard.sent = *owner;
        return heard;
    }
    if (!recognises(advert, now)) return std::nullopt;
    return heard;
}

}  // namespace vitrine::ctl
