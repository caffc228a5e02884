// Whatever a phone, or whoever poses as one, says at a check-in: as text from the web, as bytes
// over the air. What was accepted means exactly one thing.

#include <cstddef>
#include <cstdint>

#include "agent/base/check.hpp"
#include "agent/identity/checkin_text.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    const std::string_view text = text_of(bytes);
    if (const auto challenge = identity::challenge_from_text(text))
        CHECK(identity::to_text(*challenge) == text);
    if (const auto claim = identity::check_in_from_text(text))
        CHECK(identity::to_text(*claim) == text);
    if (const auto challenge = identity::read_challenge(bytes)) {
        CHECK(text_of(identity::bytes_of(*challenge)) == text);
        CHECK(*identity::challenge_from_text(identity::to_text(*challenge)) == *challenge);
    }
    if (const auto claim = identity::read_check_in(bytes))
        CHECK(text_of(identity::bytes_of(*claim)) == text);
    return 0;
}
