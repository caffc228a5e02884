#pragma once

#include <string>

#include "agent/session/screen.hpp"
#include "agent/session/staff.hpp"

namespace vitrine::http {

/// The values of agent/session as the pages read them: one line of JSON, each field under its own
/// name in the struct. Wall times and durations are whole milliseconds, money is cents, a
/// DecisionId is 16 hexadecimal digits, an optional that is empty and a time without end are null,
/// an enumerator is its name, a LocalText is `{"fr":…,"en":…}`. Text that is not UTF-8 is mended.
std::string to_json(const session::Screen& screen);
std::string to_json(const session::StaffBoard& board);
std::string to_json(const session::Card& card);

}  // namespace vitrine::http
