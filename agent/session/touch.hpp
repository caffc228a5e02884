#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/units.hpp"

namespace vitrine::session {

/// What a visitor did on the screen.
enum class TouchKind : std::uint8_t {
    open,     ///< Tapped a card to see its detail.
    close,    ///< Went back to the cards; takes a check-in code off the screen.
    why,      ///< Asked why an offer is shown.
    dismiss,  ///< "Not for me."
    save,     ///< Wants to take the offer along: answered by a Claim on the next screen.
    unsave,   ///< Closed the code.
    stay,   ///< Answered "still there?", or touched something that changes nothing: language, text
            ///< size.
    leave,  ///< "Done", or the idle time ran out: ends a check-in too.
    identify,  ///< Wants to check in: answered by a CheckInCode on the next screen.

    // Only of somebody who has checked in at this kiosk; anybody else's is refused.
    pause,          ///< "Do not recognise me until tomorrow."
    resume,         ///< Takes the pause back.
    forget,         ///< "Do not recognise me any more."
    depersonalise,  ///< "No offers chosen for me any more."
};
/// Whether the touch decides on the member's own consents, and so needs a check-in.
constexpr bool is_own_decision(TouchKind kind) { return kind >= TouchKind::pause; }
std::string_view name_of(TouchKind kind);
Result<TouchKind> touch_from(std::string_view name);

/// One touch, as the page reports it. `decision` says which choice the visitor was looking at; a
/// touch on a screen that is long gone is refused as `conflict`.
struct Touch {
    KioskId kiosk;
    DecisionId decision;
    TouchKind kind = TouchKind::stay;
    OfferId offer;  ///< 0 where the touch is not about an offer.
    /// In which the words stood that were touched; the screen's own where the page did not say.
    std::optional<Language> language = std::nullopt;
    friend bool operator==(const Touch&, const Touch&) = default;
};

}  // namespace vitrine::session
