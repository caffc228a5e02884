#include <algorithm>

#include "agent/engine/engine.hpp"

namespace vitrine::engine {

using consent::Purpose;

namespace {

/// A product's own category and those above it.
std::vector<CategoryId> with_those_above(const profiles::Catalogue& catalogue, CategoryId id) {
    constexpr std::size_t kDepthMax = 16;
    std::vector<CategoryId> all;
    while (id != CategoryId{} && all.size() < kDepthMax) {
        all.push_back(id);
        const profiles::Category* known = catalogue.category(id);
        id = known == nullptr ? CategoryId{} : known->parent;
    }
    return all;
}

}  // namespace

bool Engine::on(const session::Receipt& receipt, const KioskId& till, Now now, Effects& effects) {
    if (const auto old = tills_.in_the_way_of(till)) {
        tills_.forget(*old);
        effects.remember(till_key(*old), std::nullopt);
    }
    if (!tills_.add(till, receipt.order)) return false;
    effects.remember(till_key(till), tills_.encode(till));
    std::optional<MemberId> subject;
    if (receipt.member) {
        subject = measured(*receipt.member, now);
        for (const auto& line : receipt.lines) {
            bought(*receipt.member, line, now, effects);
        }
    }
    emit({session::OrderCompleted{.order = receipt.order,
                                  .ordered = std::min(receipt.ordered, now.wall),
                                  .lines = receipt.lines}},
         subject, till, now, effects);
    std::vector<OfferId> redeemed = receipt.promotions;
    for (const std::string& code : receipt.claim_codes) {
        // A code may be passed on, so it says which offer was used and not whose card it is.
        const Claims::Claim* claim = claims_.with_code(code);
        if (claim == nullptr) continue;
        const auto at = std::ranges::lower_bound(redeemed, claim->offer);
        if (at == redeemed.end() || *at != claim->offer) redeemed.insert(at, claim->offer);
    }
    for (const OfferId offer : redeemed) {
        emit(session::CouponRedeemed{.order = receipt.order, .offer = offer}, subject, till, now,
             effects);
    }
    return true;
}

/// What waited for it succeeds, and what was just bought is not offered again.
void Engine::bought(MemberId member, const session::OrderCompleted::Line& line, Now now,
                    Effects& effects) {
    const auto permitted = gate_.permit<Purpose::personalise>(member, now.wall);
    if (!permitted) return;
    on(Bought{.member = member,
              .product = line.product,
              .categories = with_those_above(snapshot_.catalogue, line.category)},
       now, effects);
    snapshot_.profiles.note_bought(*permitted, line.product, line.category,
                                   day_of(now.wall + surroundings_.utc_offset));
}

}  // namespace vitrine::engine
