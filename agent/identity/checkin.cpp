#include "agent/identity/checkin.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "agent/base/check.hpp"

namespace vitrine::identity {

Answer answer_to(const TemporaryKey& key, const Nonce& nonce, const KioskId& kiosk,
                 std::uint32_t window) {
    Bytes message(nonce.begin(), nonce.end());
    const ByteView name = view_of(kiosk.view());
    message.insert(message.end(), name.begin(), name.end());
    for (const int shift : {24, 16, 8, 0}) {
        message.push_back(static_cast<std::uint8_t>(window >> shift));
    }
    Answer answer{};
    unsigned size = 0;
    CHECK(HMAC(EVP_sha256(), key.bytes.data(), static_cast<int>(key.bytes.size()), message.data(),
               message.size(), answer.data(), &size) != nullptr);
    CHECK(size == answer.size());
    return answer;
}

bool answers(const Answer& answer, const TemporaryKey& key, const Nonce& nonce,
             const KioskId& kiosk, std::uint32_t window) {
    const Answer expected = answer_to(key, nonce, kiosk, window);
    return CRYPTO_memcmp(expected.data(), answer.data(), answer.size()) == 0;
}

ChallengeBook::ChallengeBook(std::size_t open_max) : open_max_(open_max) { CHECK(open_max > 0); }

Result<void> ChallengeBook::open(const Nonce& nonce, const KioskId& kiosk, Instant now) {
    drop_expired(now);
    if (open_.contains(nonce)) return conflict("this challenge is open already");
    if (open_.size() >= open_max_) make_room();
    open_.emplace(nonce, Challenge{kiosk, now});
    return {};
}

Result<KioskId> ChallengeBook::take(const Nonce& nonce, Instant now) {
    drop_expired(now);
    const auto found = open_.find(nonce);
    if (found == open_.end()) {
        return not_found("this check-in is over: it was used, or is older than five minutes");
    }
    const KioskId kiosk = found->second.kiosk;
    open_.erase(found);
    return kiosk;
}

std::optional<KioskId> ChallengeBook::kiosk_of(const Nonce& nonce, Instant now) const {
    const auto found = open_.find(nonce);
    if (found == open_.end() || now - found->second.at > kLifetime) return std::nullopt;
    return found->second.kiosk;
}

void ChallengeBook::drop_expired(Instant now) {
    std::erase_if(open_, [now](const auto& entry) { return now - entry.second.at > kLifetime; });
}

void ChallengeBook::make_room() {
    std::map<KioskId, std::size_t> per_kiosk;
    for (const auto& [nonce, challenge] : open_) ++per_kiosk[challenge.kiosk];
    const auto count = [](const auto& entry) { return entry.second; };
    const KioskId busiest = std::ranges::max_element(per_kiosk, {}, count)->first;
    auto oldest = open_.end();
    for (auto it = open_.begin(); it != open_.end(); ++it) {
        if (it->second.kiosk != busiest) continue;
        if (oldest == open_.end() || it->second.at < oldest->second.at) oldest = it;
    }
    open_.erase(oldest);
}

Result<CheckedIn> check_in(ChallengeBook& book, const RecognitionTable& table, const CheckIn& claim,
                           Instant now) {
    const KioskId kiosk = TRY(book.take(claim.nonce, now));
    // One answer for every reason: whoever guesses learns nothing.
    const Error refused = denied("this check-in does not fit any member here");
    const auto window = table.window();
    const bool current = window && claim.window + 1 >= *window && claim.window <= *window + 1;
    const auto member = table.find(claim.eid);
    if (!current || !member) return refused;
    const auto key = table.key_of(*member, period_of_window(claim.window));
    if (!key || !answers(claim.answer, *key, claim.nonce, kiosk, claim.window)) return refused;
    return CheckedIn{*member, kiosk};
}

}  // namespace vitrine::identity
