#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/offers/learner.hpp"
#include "agent/profiles/catalogue.hpp"
#include "agent/profiles/profile.hpp"

namespace vitrine::offers {

/// What is now known of an example that was shown.
struct Outcome {
    MemberId member;
    Example example;
    bool positive = false;
    /// It was learned as a failure when its window ended, and succeeded after all.
    bool correction = false;
};

/// Offers that were shown and whose success takes time: claimed or bought within a window. At the
/// end of its window an offer counts as a failure; a success in the `kLateWindows` windows after
/// that corrects it. An offer that is shown again before it is settled is the same showing. Owned
/// by the engine; kept over restarts as bytes, member by member.
class Rewards {
  public:
    /// Beyond these the oldest one of the member, or all of a member, are left unsettled: nothing
    /// is learned from them. Which ones does not depend on how they would have ended.
    static constexpr std::size_t kPerMember = 24;
    static constexpr std::size_t kMembersMax = 2'000;
    static constexpr int kLateWindows = 3;

    /// One of the catalogue's offers came on a screen; `profile` as it was then. Whether it waits
    /// since now.
    bool shown(const profiles::Profile& profile, const profiles::Catalogue& catalogue,
               const Example& example, WallTime now);

    /// The member picked up the offer's code.
    std::vector<Outcome> claimed(MemberId member, OfferId offer, WallTime now);
    /// The member bought something: all that were waiting for it. `categories` are its own and
    /// those above it.
    std::vector<Outcome> bought(MemberId member, const profiles::Catalogue& catalogue,
                                ProductId product, std::span<const CategoryId> categories,
                                WallTime now);
    /// A newer profile tells of purchases since: in days, so that one on the day of the showing
    /// counts only where there was none on that day before.
    std::vector<Outcome> learned(const profiles::Profile& profile,
                                 const profiles::Catalogue& catalogue, WallTime now);
    /// Those whose window ended: failures. Drops what is beyond correction. Members whose waiting
    /// offers changed are appended to `changed`.
    std::vector<Outcome> expire(WallTime now, std::vector<MemberId>& changed);

    void forget(MemberId member) { members_.erase(member); }

    /// A member's waiting offers as bytes, nothing where there are none; `corrupt` on bytes that
    /// this did not write. Those of another layout are dropped.
    std::optional<Bytes> encode(MemberId member) const;
    Result<void> restore(MemberId member, ByteView bytes);

    std::vector<MemberId> members() const;
    std::size_t size() const;

  private:
    struct Waiting {
        OfferId offer;
        profiles::Reward reward = profiles::Reward::bought;
        WallTime shown;
        WallTime until;
        std::int32_t bought_before_day = 0;  ///< The last purchase known when it was shown.
        bool failed = false;                 ///< Its window ended and it was learned as a failure.
        CategoryId category;
        CategoryId top;
        std::vector<std::uint8_t> index;  ///< Of the features that are not 0.
        std::vector<float> value;

        WallTime forgotten_at() const { return until + kLateWindows * (until - shown); }
    };
    using List = std::vector<Waiting>;  ///< In the order of showing.

    static Outcome settle(MemberId member, const Waiting& waiting, bool positive);
    template <class Succeeds>
    std::vector<Outcome> succeed(MemberId member, WallTime now, Succeeds succeeds);

    std::unordered_map<MemberId, List> members_;
};

}  // namespace vitrine::offers
