#pragma once

#include <cstdint>
#include <vector>

#include "ctl/offer_history.hpp"
#include "sync/central/complements.hpp"
#include "sync/central/forecasts.hpp"

namespace vitrine::ctl {

/// What the centre knows of everybody's purchases together: usual prices, and what is bought
/// together. Learned again every four weeks.
class ShopKnowledge {
  public:
    static constexpr std::int32_t kLearnedEveryDays = 28;

    /// `history` must outlive this.
    explicit ShopKnowledge(const OfferHistory& history) : history_(history) {}

    /// As it was known on that day: nothing of the day itself or later counts.
    void move_to(std::int32_t day);

    const central::UsualPrices& usual_prices() const { return usual_; }
    const std::vector<profiles::ItemVector>& vectors() const { return vectors_; }

  private:
    const OfferHistory& history_;
    std::int32_t learned_day_ = INT32_MIN;
    central::UsualPrices usual_;
    std::vector<profiles::ItemVector> vectors_;
};

/// The member's profile as the centre would have made it on that day.
profiles::Profile profile_of(const OfferHistory& history, std::uint32_t member, std::int32_t day,
                             const central::UsualPrices& usual);

/// The number by which the engine knows a member.
constexpr MemberId member_id(std::uint32_t member) { return MemberId(std::uint64_t{member} + 1); }

}  // namespace vitrine::ctl
