#pragma once

#include <span>
#include <vector>

#include "agent/offers/decision.hpp"
#include "agent/profiles/catalogue.hpp"
#include "agent/session/screen.hpp"

namespace vitrine::session {

/// Who will read the reasons.
enum class Readers : std::uint8_t {
    anyone,  ///< A public screen: personal reasons lose what they are about, sensitive ones are
             ///< left out.
    member,  ///< The member, who has checked in at the screen: as for staff.
    staff,   ///< The staff page, for a member who permitted it: reasons in full, but none of a
             ///< sensitive category.
};

/// A decision as cards. An offer that has left the catalogue in the meantime is left out.
std::vector<Card> cards_of(const offers::Decision& decision, const profiles::Catalogue& catalogue,
                           Readers readers, std::span<const OfferId> saved);

}  // namespace vitrine::session
