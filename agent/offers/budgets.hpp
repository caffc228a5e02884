#pragma once

#include <cstdint>
#include <map>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/profiles/catalogue.hpp"

namespace vitrine::offers {

/// How many claims of each offer with a budget this shop has handed out. Owned by the engine, and
/// kept over restarts as bytes by the engine's owner.
class Budgets {
  public:
    /// Offers counted at once: those of a catalogue.
    static constexpr std::size_t kOffersMax = 20'000;

    /// A claim of that offer was picked up.
    void claimed(OfferId offer);
    std::uint32_t claims_of(OfferId offer) const;
    /// Whether it may hand out no more, with so many claims open beside those counted. An offer
    /// without a budget never is.
    bool spent(const profiles::Offer& offer, std::size_t open = 0) const;
    /// Forgets offers that the catalogue no longer has: their ids are not used for something else.
    void keep_only(const profiles::Catalogue& catalogue);

    /// As bytes and back; `corrupt` on bytes that this did not write.
    Bytes encode() const;
    Result<void> restore(ByteView bytes);

    friend bool operator==(const Budgets&, const Budgets&) = default;

  private:
    std::map<OfferId, std::uint32_t> claims_;
};

}  // namespace vitrine::offers
