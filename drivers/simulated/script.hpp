#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/identity/eid.hpp"

namespace vitrine::simulated {

/// A member's phone, as the app on it would advertise.
struct Phone {
    /// How people call it: "Ana".
    std::string label;
    identity::IdentityKey key;
    friend bool operator==(const Phone&, const Phone&) = default;
};

/// At a time since the start, a phone goes to a kiosk, to the "door", or "away".
struct Step {
    std::chrono::milliseconds at{};
    std::string label;
    std::string place;
    friend bool operator==(const Step&, const Step&) = default;
};

/// Who is about, and who goes where when.
struct Script {
    std::vector<Phone> phones;
    std::vector<Step> steps;
    /// Phones of people who are no members, and how many adverts each sends in a second.
    std::size_t strangers = 0;
    double stranger_adverts_per_s = 1;
    /// Air::shadow_db, where the script says how uneven its air is.
    std::optional<double> shadow_db;
};

inline constexpr std::size_t kPhonesMax = 10'000;
inline constexpr std::size_t kStrangersMax = 10'000;
inline constexpr std::size_t kStepsMax = 100'000;

/// Reads a script, one flat JSON object a line; blank lines, and lines that begin with #, are
/// skipped:
///
///     {"phone": "Ana", "key": "000102030405060708090a0b0c0d0e0f"}
///     {"at": 2.5, "phone": "Ana", "go": "entrance"}
///     {"strangers": 30, "adverts_per_second": 1}
///     {"shadow_db": 1}
///
/// The last makes the air more even than it was measured to be: with the measured one, two in five
/// who stand before a kiosk are located elsewhere, too many to show a shop to somebody.
///
/// Keys are of invented members only. `invalid` naming `file`, line and field; `exhausted` above
/// the limits. Whether the places exist is found out by Shoppers.
Result<Script> parse_script(std::string_view text, std::string_view file);

}  // namespace vitrine::simulated
