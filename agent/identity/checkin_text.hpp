#pragma once

#include <string>
#include <string_view>

#include "agent/identity/checkin_bytes.hpp"

namespace vitrine::identity {

/// The bytes of checkin_bytes.hpp as a QR code and JSON carry them: base64url of RFC 4648 §5
/// without padding.
std::string to_text(const Challenge& challenge);
std::string to_text(const CheckIn& claim);

/// Both: `invalid` for anything that `to_text` does not write.
Result<Challenge> challenge_from_text(std::string_view text);
Result<CheckIn> check_in_from_text(std::string_view text);

}  // namespace vitrine::identity
