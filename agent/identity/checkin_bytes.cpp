#include "agent/identity/checkin_bytes.hpp"

#include <algorithm>

#include "agent/base/check.hpp"

namespace vitrine::identity {

namespace {

constexpr std::size_t kNonceAt = 1;
constexpr std::size_t kKioskAt = 17;
constexpr std::size_t kEidAt = 17;
constexpr std::size_t kWindowAt = 25;
constexpr std::size_t kAnswerAt = 29;

void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

template <std::size_t N>
void copy(ByteView from, std::array<std::uint8_t, N>& to) {
    std::copy_n(from.begin(), N, to.begin());
}

Result<void> check_version(ByteView bytes) {
    if (bytes.empty()) return invalid("an empty check-in message");
    if (bytes[0] == kCheckInVersion) return {};
    return invalid("check-in version " + std::to_string(bytes[0]) + " is not spoken here");
}

}  // namespace

Bytes bytes_of(const Challenge& challenge) {
    Bytes bytes{kCheckInVersion};
    append(bytes, challenge.nonce);
    append(bytes, view_of(challenge.kiosk.view()));
    return bytes;
}

Bytes bytes_of(const CheckIn& claim) {
    Bytes bytes{kCheckInVersion};
    append(bytes, claim.nonce);
    append(bytes, claim.eid.bytes);
    for (const int shift : {24, 16, 8, 0}) {
        bytes.push_back(static_cast<std::uint8_t>(claim.window >> shift));
    }
    append(bytes, claim.answer);
    return bytes;
}

Result<Challenge> read_challenge(ByteView bytes) {
    TRY(check_version(bytes));
    if (bytes.size() <= kKioskAt || bytes.size() > kChallengeBytesMax) {
        return invalid("a challenge has 18 to 48 bytes, not " + std::to_string(bytes.size()));
    }
    Challenge challenge;
    challenge.kiosk = TRY(KioskId::parse(text_of(bytes.subspan(kKioskAt))));
    copy(bytes.subspan(kNonceAt), challenge.nonce);
    return challenge;
}

Result<CheckIn> read_check_in(ByteView bytes) {
    TRY(check_version(bytes));
    if (bytes.size() != kCheckInBytes) {
        return invalid("a check-in has 61 bytes, not " + std::to_string(bytes.size()));
    }
    CheckIn claim;
    copy(bytes.subspan(kNonceAt), claim.nonce);
    copy(bytes.subspan(kEidAt), claim.eid.bytes);
    for (std::size_t i = 0; i < 4; ++i) claim.window = claim.window << 8 | bytes[kWindowAt + i];
    copy(bytes.subspan(kAnswerAt), claim.answer);
    return claim;
}

std::string_view name_of(CheckInOutcome outcome) {
    switch (outcome) {
        case CheckInOutcome::welcome:
            return "welcome";
        case CheckInOutcome::malformed:
            return "malformed";
        case CheckInOutcome::over:
            return "over";
        case CheckInOutcome::refused:
            return "refused";
        case CheckInOutcome::later:
            return "later";
    }
    check_failed("known CheckInOutcome", __FILE__, __LINE__);
}

}  // namespace vitrine::identity
