#pragma once

#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/session/touch.hpp"

namespace vitrine::http {

/// Reads the body of a touch: `{"decision":"<16 hexadecimal digits>","kind":"open","offer":12}`.
/// `offer` is required for open, why, dismiss, save and unsave, and must be absent or 0 for the
/// others. `language`, "fr" or "en", may say in which words the touched button stood. `invalid`,
/// naming the field, on anything else: another type, a field that is not known
/// or stands twice, text after the end.
Result<session::Touch> parse_touch(KioskId kiosk, std::string_view body);

/// Reads `{"check_in":"<base64url>"}`, what a phone posts: the text, not yet decoded. `invalid`,
/// naming the field, on anything else.
Result<std::string> parse_check_in(std::string_view body);

/// What a kiosk's page reports while it paints.
struct Alive {
    KioskId kiosk;
    std::uint64_t revision = 0;  ///< Of the screen that it shows; 0 for none yet.
    std::uint64_t frames = 0;    ///< Painted since the page was loaded.
    friend bool operator==(const Alive&, const Alive&) = default;
};

/// Reads `{"revision":7,"frames":1234}`; `invalid`, naming the field, on anything else.
Result<Alive> parse_alive(KioskId kiosk, std::string_view body);

}  // namespace vitrine::http
