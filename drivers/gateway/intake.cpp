#include "drivers/gateway/intake.hpp"

#include <algorithm>
#include <cmath>

#include "agent/radio/frame.hpp"

namespace vitrine::gateway {
namespace {

/// A gateway's own words may be in it, and it goes into logs and onto terminals.
std::string printable(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text;
}

}  // namespace

Intake::Intake(std::uint16_t scanner, Format format, double per_second)
    : scanner_(scanner),
      format_(format),
      per_second_(per_second),
      rate_(per_second, 2 * per_second) {}

void Intake::flooded(Instant now) {
    ++counters_.flooded;
    last_flood_ = now;
}

void Intake::take(ByteView payload, bool retained, Instant now, std::vector<radio::Advert>& out) {
    ++counters_.messages;
    last_message_ = now;
    if (retained) {
        ++counters_.retained;
        return;
    }
    if (!rate_.take(now)) return flooded(now);
    auto heard = parse_message(format_, payload);
    if (!heard) {
        ++counters_.malformed;
        last_malformed_ = now;
        mistake_ = printable(std::move(heard).error().message);
        return;
    }
    bool first = true;  // It came with the message.
    for (const Overheard& each : *heard) {
        if (!first && !rate_.take(now)) {
            flooded(now);
            continue;
        }
        first = false;
        judge(each, now, out);
    }
}

void Intake::judge(const Overheard& heard, Instant now, std::vector<radio::Advert>& out) {
    // The clock of a held-up stranger's advert counts too; the advert goes no further.
    const bool late = heard.heard_at && punctuality_.late(*heard.heard_at, now);
    if (!radio::eid_of(radio::classify(heard.data.view()))) {
        ++counters_.foreign;
        return;
    }
    if (late) {
        ++counters_.late;
        last_late_ = now;
        return;
    }
    ++counters_.passed;
    out.push_back({.at = now, .scanner = scanner_, .rssi = heard.rssi, .data = heard.data});
}

std::string Intake::trouble(Instant now) const {
    const auto recent = [&](const std::optional<Instant>& last) {
        return last && now < *last + kTroubleShown;
    };
    std::string text;
    const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
    if (recent(last_flood_)) {
        add("sends more than " + std::to_string(std::lround(per_second_)) +
            " adverts a second (the rest is dropped)");
    }
    if (recent(last_malformed_)) add("sends what cannot be read (" + mistake_ + ")");
    if (recent(last_late_)) add("sends adverts that are over two seconds old (dropped)");
    return text;
}

}  // namespace vitrine::gateway
