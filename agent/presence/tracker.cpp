#include "agent/presence/tracker.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "agent/presence/floor.hpp"

namespace vitrine::presence {
namespace {

constexpr std::size_t kMembersMax = 1'000'000;

std::string_view name_of(Cause cause) {
    switch (cause) {
        case Cause::level:
            return "level";
        case Cause::location:
            return "location";
        case Cause::silence:
            return "silence";
        case Cause::withdrawal:
            return "withdrawal";
        case Cause::far_apart:
            return "two far places at once";
    }
    return "?";
}

std::string_view verb_of(Change::Kind kind) {
    switch (kind) {
        case Change::Kind::arrived:
            return "arrived at kiosk ";
        case Change::Kind::left:
            return "left kiosk ";
        case Change::Kind::zone_changed:
            return "entered zone ";
        case Change::Kind::gone:
            return "gone";
        case Change::Kind::conflicted:
            return "in conflict";
        case Change::Kind::settled:
            return "conflict over";
    }
    return "?";
}

std::string_view place_of(const Change& change, const Layout& layout) {
    const bool kiosk = change.kind == Change::Kind::arrived || change.kind == Change::Kind::left;
    if (kiosk && change.place < layout.kiosks.size()) return layout.kiosks[change.place].id.view();
    if (change.kind == Change::Kind::zone_changed && change.place < layout.zones.size()) {
        return layout.zones[change.place].view();
    }
    return "";
}

template <std::size_t N>
std::string text_of(const std::array<char, N>& text, int size) {
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string probability_text(double value) {
    std::array<char, 32> text{};
    return text_of(text, std::snprintf(text.data(), text.size(), "%.2f", value));
}

std::string level_text(float dbm) {
    std::array<char, 32> text{};
    return text_of(text, std::snprintf(text.data(), text.size(), "%.0f", double{dbm}));
}

}  // namespace

std::string explain(const Change& change, const Layout& layout) {
    std::string line(verb_of(change.kind));
    line += place_of(change, layout);
    line += ": P=" + probability_text(change.confidence) + " by ";
    line += name_of(change.cause);
    for (std::size_t i = 0; i < change.evidence.size; ++i) {
        const Evidence::Heard& heard = change.evidence.loudest[i];
        if (heard.scanner >= layout.scanners.size()) continue;
        line += i == 0 ? ", scanners " : ", ";
        line += layout.scanners[heard.scanner].id.view();
        line += " " + level_text(heard.level_dbm) + " dBm";
    }
    return line;
}

Result<void> Limits::check() const {
    if (members_max < 1 || members_max > kMembersMax) {
        return invalid("members_max must be 1 to " + std::to_string(kMembersMax));
    }
    if (silence_max.count() <= 0) return invalid("silence_max must be positive");
    if (weak_silence_max < silence_max) {
        return invalid("weak_silence_max must be at least silence_max");
    }
    if (late_max.count() < 0) return invalid("late_max must not be negative");
    return {};
}

Tracker::Tracker(Layout layout, Calibration calibration, Limits limits)
    : floor_(std::make_unique<Floor>(std::move(layout), std::move(calibration), limits)) {}
Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

void Tracker::hear(MemberId member, std::uint16_t scanner, Rssi rssi, Instant at) {
    floor_->hear(member, scanner, rssi, at);
}

void Tracker::tick(Instant now, std::vector<Change>& changes) { floor_->tick(now, changes); }

void Tracker::forget(MemberId member, Instant now, std::vector<Change>& changes) {
    floor_->forget(member, now, changes);
}

Audience Tracker::audience(std::uint16_t kiosk) const { return floor_->audience(kiosk); }

std::optional<Whereabouts> Tracker::whereabouts(MemberId member) const {
    return floor_->whereabouts(member);
}

std::size_t Tracker::members_present() const { return floor_->members_present(); }

const Counts& Tracker::counts() const { return floor_->counts(); }

const Layout& Tracker::layout() const { return floor_->layout(); }

}  // namespace vitrine::presence
