#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"

namespace vitrine::offers {

/// What one member has been shown and has refused in this shop: what caps and suppression count.
/// Days are counted in UTC.
struct Exposure {
    struct Count {
        OfferId offer;
        std::uint16_t total = 0;
        std::uint8_t today = 0;
        bool dismissed = false;
        friend bool operator==(const Count&, const Count&) = default;
    };
    struct CategoryCount {
        CategoryId category;
        std::uint8_t today = 0;
        friend bool operator==(const CategoryCount&, const CategoryCount&) = default;
    };

    std::int32_t day = 0;  ///< The day that the `today` counts are of.
    std::uint8_t decisions_today = 0;
    std::uint8_t dismissals_in_row = 0;  ///< Since the last tap on something.
    WallTime quiet_until = WallTime::min();
    std::vector<Count>
        offers;  ///< In order of offer; at most kOffersMax, the least recent dropped first.
    std::vector<CategoryCount> categories;  ///< In order of category, of today only.

    static constexpr std::size_t kOffersMax = 256;
    friend bool operator==(const Exposure&, const Exposure&) = default;
};

/// The exposures of all members seen in this shop, bounded; kept over restarts as bytes by the
/// engine's owner.
class Exposures {
  public:
    static constexpr std::size_t kMembersMax = 50'000;

    /// Empty for a member not seen before. Valid until the next call that changes anything.
    const Exposure& of(MemberId member) const;

    void shown(MemberId member, OfferId offer, CategoryId category, WallTime now);
    void decided(MemberId member, WallTime now);
    /// "Not for me"; after `before_quiet` in a row the member is left in peace for `quiet`.
    void dismissed(MemberId member, OfferId offer, WallTime now, std::uint8_t before_quiet,
                   std::chrono::minutes quiet);
    void liked(MemberId member);
    void forget(MemberId member);

    /// A member's exposure as bytes and back; `corrupt` on bytes that this did not write.
    Bytes encode(MemberId member) const;
    Result<void> restore(MemberId member, ByteView bytes);

  private:
    std::unordered_map<MemberId, Exposure> members_;
};

}  // namespace vitrine::offers
