#include "agent/engine/claims.hpp"

#include <algorithm>
#include <span>

#include "agent/base/bytes.hpp"

namespace vitrine::engine {

namespace {

constexpr std::size_t kTokenBytes = 16;

/// Crockford's base 32: nothing that is misread or misheard for another.
std::string code_of(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::uint64_t held = 0;
    for (const std::uint8_t byte : bytes) held = held << 8 | byte;
    std::string code;
    for (int shift = 35; shift >= 0; shift -= 5) code += kLetters[held >> shift & 31];
    return code;
}

}  // namespace

std::string_view name_of(ClaimState state) {
    switch (state) {
        case ClaimState::ready:
            return "ready";
        case ClaimState::used:
            return "used";
        case ClaimState::expired:
            return "expired";
        case ClaimState::unknown:
            return "unknown";
    }
    check_failed("known ClaimState", __FILE__, __LINE__);
}

const Claims::Claim& Claims::open(const Secret& secret, OfferId offer, std::uint64_t visit,
                                  MemberId member, WallTime valid_until) {
    if (claims_.size() >= kOpenMax) claims_.pop_front();
    const std::span bytes(secret);
    claims_.push_back({.token = to_hex(bytes.first<kTokenBytes>()),
                       .code = code_of(bytes.subspan<kTokenBytes>()),
                       .offer = offer,
                       .visit = visit,
                       .member = member,
                       .valid_until = valid_until});
    return claims_.back();
}

const Claims::Claim* Claims::find(std::string_view token) const {
    const auto at = std::ranges::find(claims_, token, &Claim::token);
    return at == claims_.end() ? nullptr : &*at;
}

const Claims::Claim* Claims::with_code(std::string_view code) const {
    const auto at = std::ranges::find(claims_, code, &Claim::code);
    return at == claims_.end() ? nullptr : &*at;
}

std::size_t Claims::open_of(OfferId offer, WallTime now) const {
    return static_cast<std::size_t>(std::ranges::count_if(claims_, [&](const Claim& claim) {
        return claim.offer == offer && !claim.used && now < claim.valid_until;
    }));
}

ClaimState Claims::state(std::string_view token, WallTime now) const {
    const Claim* claim = find(token);
    if (claim == nullptr) return ClaimState::unknown;
    if (claim->used) return ClaimState::used;
    return now < claim->valid_until ? ClaimState::ready : ClaimState::expired;
}

const Claims::Claim* Claims::use(std::string_view token, WallTime now) {
    if (state(token, now) != ClaimState::ready) return nullptr;
    const auto at = std::ranges::find(claims_, token, &Claim::token);
    at->used = true;
    return &*at;
}

void Claims::expire(WallTime now) {
    std::erase_if(claims_,
                  [&](const Claim& claim) { return now >= claim.valid_until + kRememberedFor; });
}

void Claims::forget(MemberId member) {
    std::erase_if(claims_, [&](const Claim& claim) { return claim.member == member; });
}

}  // namespace vitrine::engine
