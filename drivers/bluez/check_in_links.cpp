#include "drivers/bluez/check_in_links.hpp"

#include <algorithm>

#include "agent/identity/checkin_bytes.hpp"

namespace vitrine::bluez {
namespace {

using identity::CheckInOutcome;

Result<Bytes> from(const Bytes& value, std::size_t offset) {
    if (offset > value.size()) return invalid("an offset behind the end of the value");
    return Bytes(value.begin() + static_cast<std::ptrdiff_t>(offset), value.end());
}

constexpr std::uint8_t byte_of(CheckInOutcome outcome) {
    return static_cast<std::uint8_t>(outcome);
}

}  // namespace

Result<Bytes> CheckInLinks::challenge(const std::string& link, std::size_t offset, Instant now) {
    Link& entry = link_of(link, now);
    if (offset == 0) {
        if (!challenges_.take(link, now)) return exhausted("too many challenges");
        entry.challenge = desk_.challenge();
        if (entry.challenge.empty()) return exhausted("the desk gives no challenge");
    }
    return from(entry.challenge, offset);
}

Result<std::uint8_t> CheckInLinks::answer(const std::string& link, std::size_t offset,
                                          ByteView written, Instant now) {
    Link& entry = link_of(link, now);
    if (offset == 0) entry.written.clear();
    if (offset != entry.written.size()) return invalid("an offset behind the end of the value");
    const bool fits = entry.written.size() + written.size() <= identity::kCheckInBytes;
    if (fits) entry.written.insert(entry.written.end(), written.begin(), written.end());
    const std::uint8_t outcome =
        fits ? judge(link, entry.written, now) : byte_of(CheckInOutcome::malformed);
    if (!fits || entry.written.size() == identity::kCheckInBytes) entry.written.clear();
    entry.outcome = {outcome};
    return outcome;
}

std::uint8_t CheckInLinks::judge(const std::string& name, const Bytes& written, Instant now) {
    if (written.size() != identity::kCheckInBytes) return byte_of(CheckInOutcome::malformed);
    if (!answers_.take(name, now)) return byte_of(CheckInOutcome::later);
    return desk_.answer(written);
}

Result<Bytes> CheckInLinks::outcome(const std::string& link, std::size_t offset, Instant now) {
    return from(link_of(link, now).outcome, offset);
}

void CheckInLinks::forget_old(Instant now) {
    std::erase_if(links_, [&](const auto& each) { return now - each.second.at >= kLinkLife; });
}

CheckInLinks::Link& CheckInLinks::link_of(const std::string& link, Instant now) {
    forget_old(now);
    if (!links_.contains(link) && links_.size() >= kLinksMax) {
        links_.erase(
            std::ranges::min_element(links_, {}, [](const auto& each) { return each.second.at; }));
    }
    Link& entry = links_[link];
    entry.at = now;
    return entry;
}

}  // namespace vitrine::bluez
