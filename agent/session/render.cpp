#include "agent/session/render.hpp"

#include <algorithm>

namespace vitrine::session {

namespace {

Card::Why why_of(const offers::Reason& reason, const profiles::Catalogue& catalogue,
                 Readers readers) {
    Card::Why why{.code = reason.code};
    const bool too_personal = readers == Readers::anyone && offers::is_personal(reason.code);
    if (too_personal || catalogue.sensitive(reason.category)) return why;
    why.category = catalogue.category(reason.category)->name;
    return why;
}

Card card_of(const offers::Slot& slot, const profiles::Offer& offer,
             const profiles::Catalogue& catalogue, Readers readers) {
    Card card{.offer = offer.id,
              .title = offer.title,
              .detail = offer.detail,
              .terms = offer.terms,
              .image = offer.image,
              .value_kind = offer.value_kind,
              .value = offer.value,
              .price = offer.price,
              .prior_price = offer.prior_price,
              .unit_price = offer.unit_price,
              .valid_until = offer.valid_until};
    if (const profiles::Category* category = catalogue.category(offer.category)) {
        card.category = category->name;
    }
    for (std::size_t i = 0; i < slot.reason_count; ++i) {
        Card::Why why = why_of(slot.reasons[i], catalogue, readers);
        // Two personal reasons say the same once what they are about is gone.
        if (std::ranges::find(card.why, why) == card.why.end()) card.why.push_back(std::move(why));
    }
    return card;
}

}  // namespace

std::vector<Card> cards_of(const offers::Decision& decision, const profiles::Catalogue& catalogue,
                           Readers readers, std::span<const OfferId> saved) {
    std::vector<Card> cards;
    cards.reserve(decision.slot_count);
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        const profiles::Offer* offer = catalogue.offer(decision.slots[i].offer);
        if (offer == nullptr) continue;
        cards.push_back(card_of(decision.slots[i], *offer, catalogue, readers));
        cards.back().saved = std::ranges::find(saved, offer->id) != saved.end();
    }
    return cards;
}

}  // namespace vitrine::session
