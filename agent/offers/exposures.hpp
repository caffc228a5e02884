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
        std::uint8_t unopened = 0;   ///< Times shown since it was last opened.
        std::int32_t last_day = 0;   ///< Of the last time shown, dismissed or taken.
        std::int32_t taken_day = 0;  ///< When the member last took it; 0: never.
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
    /// In order of offer; at most kOffersMax, the least recent one dropped first, those dismissed
    /// or taken last.
    std::vector<Count> offers;
    /// In order of category, of today only; at most kOffersMax.
    std::vector<CategoryCount> categories;

    static constexpr std::size_t kOffersMax = 256;

    /// Whether the `today` counts are of that day. A clock that stepped back by a day does not
    /// reset them.
    bool counts_for(std::int32_t today) const { return day == today || day == today + 1; }
    const Count* of(OfferId offer) const;
    friend bool operator==(const Exposure&, const Exposure&) = default;
};

/// The exposures of all members seen in this shop, bounded; kept over restarts as bytes by the
/// engine's owner.
class Exposures {
  public:
    /// A further member takes the place of one of those who have not been here for longest.
    static constexpr std::size_t kMembersMax = 50'000;

    /// Empty for a member not seen before. Valid until the next call that changes anything.
    const Exposure& of(MemberId member) const;

    /// One offer came on a screen. `category` is the offer's own, as in the catalogue.
    void shown(MemberId member, OfferId offer, CategoryId category, WallTime now);
    /// One tailored choice was made.
    void decided(MemberId member, WallTime now);
    /// "Not for me"; after `before_quiet` in a row the member is left in peace for `quiet`.
    void dismissed(MemberId member, OfferId offer, WallTime now, std::uint8_t before_quiet,
                   std::chrono::minutes quiet);
    /// The member opened it: that ends a row of dismissals, and its fatigue.
    void opened(MemberId member, OfferId offer);
    /// The member took it along: its cool-down begins.
    void taken(MemberId member, OfferId offer, WallTime now);
    void forget(MemberId member);

    /// A member's exposure as bytes and back; `corrupt` on bytes that this did not write.
    Bytes encode(MemberId member) const;
    Result<void> restore(MemberId member, ByteView bytes);

    std::size_t size() const { return members_.size(); }

  private:
    Exposure& at(MemberId member, WallTime now);
    void make_room();

    std::unordered_map<MemberId, Exposure> members_;
};

}  // namespace vitrine::offers
