#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/offers/decision.hpp"
#include "agent/offers/experiments.hpp"
#include "agent/offers/exposures.hpp"
#include "agent/offers/features.hpp"
#include "agent/offers/history.hpp"
#include "agent/offers/rule_fields.hpp"
#include "agent/offers/rules.hpp"
#include "agent/offers/shelf.hpp"
#include "agent/profiles/policy.hpp"

namespace vitrine::offers {

/// For whom a slate is chosen.
struct Audience {
    Path path = Path::mass;
    const Context* context = nullptr;  ///< Where and when; always set.
    bool context_allowed = true;       ///< Whether scores and rules may use it.
    /// Set on the personal path only.
    const profiles::Profile* profile = nullptr;
    /// Set on the personal path, and on the mass path where a member's "not for me" still counts.
    const Exposure* exposure = nullptr;
    const std::vector<OfferId>* dismissed = nullptr;  ///< Anywhere, as the profile knows it.
    /// Set on the personal path only: without it nothing that is bound to an arm is shown.
    const Assignments* assignments = nullptr;
};

/// Eligibility and suppression: decides for every offer whether it may be shown at all, and counts
/// why not. Keeps its memory.
class Filter {
  public:
    explicit Filter(const Shelf& shelf);

    void supply(const profiles::Stock& stock) { data_.supply(stock); }

    /// Decides on every row for this audience. `shown_in_category` is filled in.
    void look_at(const Audience& audience, const Tastes& tastes, const History& history,
                 const profiles::Policy& policy, std::vector<std::uint8_t>& shown_in_category);

    static constexpr std::uint8_t kStays = 0xff;
    /// By row: a Removal, or kStays.
    std::span<const std::uint8_t> removals() const { return removals_; }

    /// The experiments, a bit each, of which an offer of any arm would have stood to be chosen for
    /// this member but for the arm.
    std::uint8_t exposed() const { return exposed_; }

    /// Whether the offer has a campaign's conditions about the member, and they hold.
    bool admitted_as_member(std::size_t row) const;

  private:
    void stand(const Context& context);
    void mark(std::size_t row, Removal removal);
    void mark_seen(const Audience& audience, const History& history,
                   const profiles::Policy& policy);
    void mark_seen_elsewhere(const Audience& audience, std::vector<std::uint8_t>& shown);
    void mark_capped(std::size_t row, unsigned total, unsigned today);
    void bind_experiments(const Assignments* assignments);
    void combine();
    void ask_rules();
    void spare_spreads();
    void remove(std::size_t row, Removal removal);
    bool all_just_bought(std::size_t row) const;
    void count_categories(const Exposure& exposure, std::int32_t today,
                          std::vector<std::uint8_t>& shown) const;
    void mark_categories(const profiles::Policy& policy, const std::vector<std::uint8_t>& shown);
    void mark_purchases(const Tastes& tastes, const History& history, std::int32_t today);
    bool admits(std::size_t rule);

    const Shelf& shelf_;
    std::vector<RuleValue> room_;
    CampaignData data_;
    RuleScratch scratch_;
    std::vector<std::uint8_t> marks_;            ///< By row: a Removal, or kStays.
    std::vector<std::uint8_t> category_marks_;   ///< By category: the same.
    std::vector<std::uint8_t> category_full_;    ///< By category: whether its day is full.
    std::vector<std::uint8_t> category_bought_;  ///< By category: whether it was just bought.
    /// By group: whether one of it was shown today, as a mark on all of it; by row: all bits set
    /// where it was this one, which lifts the mark.
    std::vector<std::uint8_t> group_marks_;
    std::vector<std::uint8_t> row_shown_;
    std::vector<std::uint8_t> removals_;  ///< By row: what came of all marks.
    std::vector<std::uint8_t> admitted_;  ///< By rule: 0 not asked yet, 1 no, 2 yes.
    std::uint8_t barring_ = 0;
    std::uint8_t exposed_ = 0;

    /// By row: bars for the shop, the placement and the stretch of time below, worked out again
    /// only when one of them changes.
    std::vector<std::uint8_t> standing_;
    profiles::Placement placement_ = profiles::Placement::kiosk;
    StoreId store_;
    std::uint32_t revision_ = 0;  ///< Of the shelf.
    std::int64_t stands_from_ms_ = 0;
    std::int64_t stands_until_ms_ = 0;
};

}  // namespace vitrine::offers
