#pragma once

#include <cstdint>
#include <string_view>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"

namespace vitrine::session {

/// What a visitor did on the screen.
enum class TouchKind : std::uint8_t {
    open,     ///< Tapped a card to see its detail.
    close,    ///< Went back to the cards.
    why,      ///< Asked why an offer is shown.
    dismiss,  ///< "Not for me."
    save,     ///< Wants to take the offer along: answered by a Claim on the next screen.
    unsave,   ///< Closed the code.
    stay,   ///< Answered "still there?", or touched something that changes nothing: language, text
            ///< size.
    leave,  ///< "Done", or the idle time ran out.
};
std::string_view name_of(TouchKind kind);
Result<TouchKind> touch_from(std::string_view name);

/// One touch, as the page reports it. `decision` says which choice the visitor was looking at; a
/// touch on a screen that is long gone is refused as `conflict`.
struct Touch {
    KioskId kiosk;
    DecisionId decision;
    TouchKind kind = TouchKind::stay;
    OfferId offer;  ///< 0 for close, stay and leave.
    friend bool operator==(const Touch&, const Touch&) = default;
};

}  // namespace vitrine::session
