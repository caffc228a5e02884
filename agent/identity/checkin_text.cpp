#include "agent/identity/checkin_text.hpp"

#include <algorithm>

namespace vitrine::identity {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Four digits for three bytes.
constexpr std::size_t kTextMax = (std::max(kChallengeBytesMax, kCheckInBytes) * 4 + 2) / 3;

std::string encode(ByteView bytes) {
    std::string text;
    std::uint32_t held = 0;
    int bits = 0;
    for (const std::uint8_t byte : bytes) {
        held = held << 8 | byte;
        for (bits += 8; bits >= 6; bits -= 6) text += kDigits[held >> (bits - 6) & 63];
    }
    if (bits > 0) text += kDigits[held << (6 - bits) & 63];
    return text;
}

Result<Bytes> decode(std::string_view text) {
    if (text.empty() || text.size() > kTextMax) return invalid("not the size of a check-in");
    Bytes bytes;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char digit : text) {
        const std::size_t value = kDigits.find(digit);
        if (value == std::string_view::npos) return invalid("not base64url without padding");
        held = held << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<std::uint8_t>(held >> bits));
    }
    // One spelling for each value: what is left over is less than a digit, and zero.
    if (bits >= 6 || (held & ((1U << bits) - 1)) != 0) return invalid("base64url with a loose end");
    return bytes;
}

}  // namespace

std::string to_text(const Challenge& challenge) { return encode(bytes_of(challenge)); }

std::string to_text(const CheckIn& claim) { return encode(bytes_of(claim)); }

Result<Challenge> challenge_from_text(std::string_view text) {
    const Bytes bytes = TRY(decode(text));
    return read_challenge(bytes);
}

Result<CheckIn> check_in_from_text(std::string_view text) {
    const Bytes bytes = TRY(decode(text));
    return read_check_in(bytes);
}

}  // namespace vitrine::identity
