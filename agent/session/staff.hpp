#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/session/screen.hpp"

namespace vitrine::session {

/// One member as staff see them: present now, and only what staff_view (and, for purchases and
/// offers, personalise) permits.
struct StaffEntry {
    std::string ref;       ///< Names the entry for this visit only; not the pseudonym.
    std::string calls_me;  ///< The form of address the member chose; may be empty.
    std::string wishes;    ///< What the member wrote for staff; may be empty.
    KioskId kiosk;         ///< Where they are; empty while between zones.
    std::string place;     ///< What the staff call that kiosk; may be empty.
    WallTime since;
    bool tailored = false;  ///< Permits personalised offers: the rest below is filled only then.
    std::vector<LocalText> often_buys;  ///< At most 5 categories, none sensitive.
    std::vector<LocalText> favourites;  ///< At most 5.
    std::int32_t last_visit_day = 0;    ///< 0: not known.
    std::vector<Card> next_best;        ///< At most 3 offers to mention, with the reasons in full.
    friend bool operator==(const StaffEntry&, const StaffEntry&) = default;
};

/// The whole page. A later revision replaces an earlier one.
struct StaffBoard {
    std::uint64_t revision = 0;
    std::vector<StaffEntry> members;  ///< In order of arrival; at most 64.
    std::uint32_t present_not_shown =
        0;  ///< Always 0 unless more than 64 are present; never counts those who did not permit.
    Condition condition;
    friend bool operator==(const StaffBoard&, const StaffBoard&) = default;
};

}  // namespace vitrine::session
