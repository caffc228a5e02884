#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/offers/decision.hpp"
#include "agent/profiles/catalogue.hpp"

namespace vitrine::session {

/// What a kiosk is doing.
enum class Mode : std::uint8_t {
    ambient,   ///< Nobody who opted in is near: the loop that everyone sees.
    tailored,  ///< One member who permitted it.
    group,     ///< Several people, or it is unclear who: suitable for all.
    conflict,  ///< Something does not add up (one member in two places): neutral content.
};
std::string_view name_of(Mode mode);

/// One offer as a screen shows it. It has no trace of the member: two members who get the same
/// offer get the same card.
struct Card {
    OfferId offer;
    LocalText title;
    LocalText detail;
    LocalText terms;
    LocalText category;
    std::string image;
    profiles::ValueKind value_kind = profiles::ValueKind::price;
    std::int32_t value = 0;
    std::optional<Cents> price;
    std::optional<Cents> prior_price;
    std::string unit_price;
    WallTime valid_until = WallTime::max();
    bool saved = false;  ///< Saved in this visit already.

    /// Why it is shown. On a public screen a personal reason stands here without its category until
    /// its member has checked in.
    struct Why {
        offers::ReasonCode code = offers::ReasonCode::everyone;
        LocalText category;  ///< Empty where the reason is not about one.
        friend bool operator==(const Why&, const Why&) = default;
    };
    std::vector<Why> why;  ///< At most 2.

    friend bool operator==(const Card&, const Card&) = default;
};

/// A one-time code by which a phone takes a saved offer along. The screen draws `url` as a QR code
/// until `valid_until`.
struct Claim {
    OfferId offer;
    std::string url;
    WallTime valid_until;
    friend bool operator==(const Claim&, const Claim&) = default;
};

/// A one-time challenge for the phone of whoever stands here; drawn as a QR code until
/// `valid_until`.
struct CheckInCode {
    std::string url;
    WallTime valid_until;
    friend bool operator==(const CheckInCode&, const CheckInCode&) = default;
};

/// Whoever stands here has checked in: what they have decided so far, so that the page can offer
/// the rest. It says nothing of who they are.
struct Verified {
    bool recognise = false;    ///< The shop may recognise them.
    bool paused = false;       ///< It may not for the moment, by their own wish.
    bool personalise = false;  ///< Offers may be chosen for them.
    friend bool operator==(const Verified&, const Verified&) = default;
};

/// What a kiosk can no longer promise; the page says so in words.
struct Condition {
    bool offline = false;          ///< The centre was not heard for a while.
    bool offers_stale = false;     ///< The catalogue is older than it should be.
    bool recognition_off = false;  ///< No scanner, or the keys ran out: only the QR code is left.
    friend bool operator==(const Condition&, const Condition&) = default;
};

/// All that one kiosk shows. A later revision replaces an earlier one whole.
struct Screen {
    KioskId kiosk;
    std::uint64_t revision = 0;
    Mode mode = Mode::ambient;
    DecisionId decision;
    Language language = Language::fr;  ///< To start with; the visitor may switch on the page.
    std::vector<Card> cards;  ///< In order of position: at most 3 unless ambient, then at most 8.
    std::optional<Claim> claim;
    std::optional<CheckInCode> check_in;
    std::optional<Verified> verified;
    Condition condition;
    std::chrono::milliseconds idle_after{30000};
    std::chrono::milliseconds idle_grace{20000};

    friend bool operator==(const Screen&, const Screen&) = default;
};

}  // namespace vitrine::session
