#pragma once

#include <cstdint>

#include "agent/offers/context.hpp"
#include "agent/offers/rules.hpp"
#include "agent/profiles/profile.hpp"
#include "agent/profiles/snapshot.hpp"

namespace vitrine::offers {

/// What a field needs to be read, as bits.
enum Readable : std::uint8_t {
    reads_nothing = 0,
    reads_context = 1,    ///< Weather, time and place.
    reads_choices = 2,    ///< What the member chose: level, favourites; and the proof of age.
    reads_behaviour = 4,  ///< Purchases and visits: level full.
};

/// All that a rule reads.
std::uint8_t needs_of(const profiles::Rule& rule);

/// The declared fields of one moment and one member, for as long as both live. What may not be read
/// is null.
class CampaignData : public RuleData {
  public:
    CampaignData(const profiles::Catalogue& catalogue, std::vector<RuleValue>& room)
        : catalogue_(catalogue), room_(room) {}

    /// Outlives every later look.
    void supply(const profiles::Stock& stock) { stock_ = &stock; }
    /// `profile` may be null; `readable` are bits of Readable.
    void look_at(const Context& context, const profiles::Profile* profile, std::uint8_t readable);
    std::uint8_t readable() const { return readable_; }

    RuleValue field(std::int32_t slot) const override;
    RuleValue at(const RuleValue& scope, std::string_view path) const override;

  private:
    RuleValue context_field(std::size_t index, std::uint32_t number) const;
    RuleValue choice_field(std::size_t index, std::uint32_t number) const;
    RuleValue behaviour_field(std::size_t index, std::uint32_t number) const;
    RuleValue category_list(std::span<const CategoryId> categories) const;
    RuleValue bought_list() const;
    double days_since(std::int32_t day) const;

    const profiles::Catalogue& catalogue_;
    std::vector<RuleValue>& room_;  ///< For the lists; grown once.
    Context context_;
    const profiles::Stock* stock_ = nullptr;  ///< Null: everything is there.
    const profiles::Profile* profile_ = nullptr;
    std::uint8_t readable_ = reads_nothing;
};

}  // namespace vitrine::offers
