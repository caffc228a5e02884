#include "ctl/shop_knowledge.hpp"

#include <algorithm>
#include <span>

namespace vitrine::ctl {

namespace {

/// Those of the day itself may have come after the mailing.
std::span<const central::Purchase> before(const std::vector<central::Purchase>& purchases,
                                          std::int32_t day) {
    const auto end = std::ranges::lower_bound(purchases, day, {}, &central::Purchase::day);
    return std::span(purchases).first(static_cast<std::size_t>(end - purchases.begin()));
}

}  // namespace

void ShopKnowledge::move_to(std::int32_t day) {
    const bool fresh = learned_day_ <= day && day - kLearnedEveryDays < learned_day_;
    if (fresh) return;
    learned_day_ = day;
    std::vector<central::Purchase> all;
    std::vector<central::ReceiptLine> lines;
    for (std::uint32_t member = 0; member < history_.purchases.size(); ++member) {
        for (const central::Purchase& each : before(history_.purchases[member], day)) {
            all.push_back(each);
            lines.push_back({member_id(member), each.day, each.category});
        }
    }
    usual_ = central::UsualPrices(all);
    vectors_ = central::complements_of(std::move(lines));
}

profiles::Profile profile_of(const OfferHistory& history, std::uint32_t member, std::int32_t day,
                             const central::UsualPrices& usual) {
    profiles::Profile profile{.member = member_id(member), .level = profiles::Level::full};
    const auto bought = before(history.purchases[member], day);
    central::History known{.purchases = {bought.begin(), bought.end()}};
    for (const Redemption& each : history.redemptions[member]) {
        if (each.day < day) known.responses.push_back({each.day, 1});
    }
    for (const std::int32_t taken : history.coupon_days[member]) {
        if (taken < day) known.responses.push_back({taken, 1});
    }
    central::summarise(known, usual, day, profile);
    return profile;
}

}  // namespace vitrine::ctl
