#include "sync/central/elsewhere.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "agent/consent/consent.hpp"

namespace vitrine::central {

namespace {

using profiles::Profile;
using profiles::Seen;

template <class Int>
Int at_most(std::uint64_t value) {
    return static_cast<Int>(std::min<std::uint64_t>(value, std::numeric_limits<Int>::max()));
}

/// Another shop's count of the same offer on top.
void join_into(Seen& seen, std::uint32_t total, std::int32_t day, std::uint32_t that_day) {
    seen.total = at_most<std::uint16_t>(std::uint64_t{seen.total} + total);
    if (day < seen.day) return;
    const std::uint32_t same_day = day == seen.day ? seen.that_day : 0U;
    seen.day = day;
    seen.that_day = at_most<std::uint8_t>(std::uint64_t{same_day} + that_day);
}

void keep_latest(std::vector<Seen>& seen) {
    if (seen.size() > Profile::kSeenMax) {
        std::ranges::stable_sort(seen, std::ranges::greater{},
                                 [](const Seen& each) { return std::pair(each.day, each.total); });
        seen.resize(Profile::kSeenMax);
    }
    std::ranges::sort(seen, {}, &Seen::offer);
}

}  // namespace

Result<void> Elsewhere::refresh(sql::Connection& connection, WallTime now) {
    // A clock that was set back counts anew too.
    if (as_of_ <= now && as_of_ > now - kEvery) return {};
    auto select = TRY(connection.prepare(
        "SELECT g.member, g.offer, g.shop, g.total, g.last, l.tailored FROM (SELECT d.member AS "
        "member, d.offer AS offer, d.shop AS shop, sum(d.tailored) AS total, max(d.day) AS last "
        "FROM member_days d JOIN consents c ON c.member = d.member AND c.purpose = ?1 WHERE "
        "d.tailored > 0 AND c.granted = 1 AND c.grant_version >= c.withdrawal AND ?2 < "
        "c.valid_until GROUP BY d.member, d.offer, d.shop HAVING max(d.day) > ?3) g JOIN "
        "member_days l ON l.member = g.member AND l.day = g.last AND l.offer = g.offer AND l.shop "
        "= g.shop"));
    select.bind(static_cast<int>(consent::Purpose::measure), now.time_since_epoch().count(),
                day_of(now) - kDays);
    std::vector<Row> rows;
    while (TRY(select.step())) {
        rows.push_back({.member = MemberId(select.bits(0)),
                        .offer = OfferId(static_cast<std::uint32_t>(select.integer(1))),
                        .shop = TRY(StoreId::parse(select.text(2))),
                        .total = at_most<std::uint32_t>(select.bits(3)),
                        .day = static_cast<std::int32_t>(select.integer(4)),
                        .that_day = at_most<std::uint32_t>(select.bits(5))});
    }
    std::ranges::sort(rows, {},
                      [](const Row& row) { return std::tuple(row.member, row.offer, row.shop); });
    rows_ = std::move(rows);
    as_of_ = now;
    return {};
}

void Elsewhere::fill(StoreId shop, std::vector<Profile>& profiles) const {
    auto at = rows_.begin();
    for (Profile& profile : profiles) {
        profile.seen_elsewhere.clear();
        while (at != rows_.end() && at->member < profile.member) ++at;
        for (; at != rows_.end() && at->member == profile.member; ++at) {
            if (at->shop == shop) continue;
            auto& seen = profile.seen_elsewhere;
            if (seen.empty() || seen.back().offer != at->offer) seen.push_back({at->offer});
            join_into(seen.back(), at->total, at->day, at->that_day);
        }
        keep_latest(profile.seen_elsewhere);
    }
}

}  // namespace vitrine::central
