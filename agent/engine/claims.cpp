#include "agent/engine/claims.hpp"

#include <algorithm>

#include "agent/base/bytes.hpp"

namespace vitrine::engine {

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
    claims_.push_back({.token = to_hex(secret),
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
