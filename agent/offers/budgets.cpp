#include "agent/offers/budgets.hpp"

#include <limits>

#include "agent/offers/packing.hpp"

namespace vitrine::offers {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

}  // namespace

void Budgets::claimed(OfferId offer) {
    if (claims_.size() >= kOffersMax && !claims_.contains(offer)) return;
    std::uint32_t& count = claims_[offer];
    if (count < kMost) ++count;
}

std::uint32_t Budgets::claims_of(OfferId offer) const {
    const auto known = claims_.find(offer);
    return known == claims_.end() ? 0 : known->second;
}

bool Budgets::spent(const profiles::Offer& offer, std::size_t open) const {
    return offer.budget != 0 && claims_of(offer.id) + std::uint64_t{open} >= offer.budget;
}

void Budgets::keep_only(const profiles::Catalogue& catalogue) {
    std::erase_if(claims_,
                  [&](const auto& each) { return catalogue.offer(each.first) == nullptr; });
}

Bytes Budgets::encode() const {
    Packer packer(kVersion);
    packer.number(claims_.size());
    for (const auto& [offer, count] : claims_) {
        packer.number(offer.value());
        packer.number(count);
    }
    return std::move(packer).finish();
}

Result<void> Budgets::restore(ByteView bytes) {
    Unpacker unpacker(bytes, kVersion);
    std::map<OfferId, std::uint32_t> claims;
    const std::uint64_t size = unpacker.number(kOffersMax);
    for (std::uint64_t i = 0; i < size && unpacker.good(); ++i) {
        const OfferId offer(static_cast<std::uint32_t>(unpacker.number(kMost)));
        if (!claims.empty() && !(claims.rbegin()->first < offer)) unpacker.fail();
        claims.emplace_hint(claims.end(), offer,
                            static_cast<std::uint32_t>(unpacker.number(kMost)));
    }
    if (!unpacker.complete()) return corrupt("the claims of budgets do not read back");
    claims_ = std::move(claims);
    return {};
}

}  // namespace vitrine::offers
