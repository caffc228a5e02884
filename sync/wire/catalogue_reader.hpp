#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "agent/profiles/catalogue.hpp"
#include "agent/profiles/policy.hpp"
#include "sync/wire/json.hpp"

// The three steps of reading a catalogue. Only the catalogue's .cpp files include this.
namespace vitrine::wire {

inline constexpr std::string_view kCatalogueFormat = "vitrine-catalogue-1";
inline constexpr std::array<std::string_view, 6> kValueKinds{
    "price", "percent_off", "amount_off", "multi_buy", "points", "service"};
inline constexpr std::array<std::string_view, 2> kPlacements{"kiosk", "staff"};
inline constexpr std::array<std::string_view, 3> kWeathers{"cold", "any", "hot"};  ///< −1, 0, 1.

inline constexpr std::array<std::string_view, 4> kRewards{"opened", "saved", "claimed", "bought"};
inline constexpr std::array<std::string_view, 3> kPriceTiers{"economy", "usual",
                                                             "premium"};  ///< 1, 2, 3.

inline constexpr std::size_t kTitleBytesMax = 160;
inline constexpr std::size_t kDetailBytesMax = 1000;
inline constexpr std::int64_t kCentsMax = 100'000'00;

/// One offer, each field on its own.
profiles::Offer read_offer(const Json& value, const Place& place, Report& report);
LocalText read_local_text(ObjectReader& object, std::string_view name, std::size_t bytes_max,
                          bool required);

/// What the fields of one offer have to do with each other: prices and reductions (C2), times.
void check_offer(const profiles::Offer& offer, const Place& place, Report& report);

/// What categories and offers have to do with each other. Still in the order of the file.
void check_references(const profiles::Catalogue& catalogue, Report& report);

/// Refuses an offer that is bound to an experiment or an arm that the policy lacks.
void check_bindings(const profiles::Catalogue& catalogue, const profiles::Policy& policy,
                    Report& report);

/// Refuses two offers that give the same product, or the same category where they name no products,
/// at the same time in the same place with different value, where who gets one depends on the
/// person: on a segment that reads anything about them, or on an experiment's arm (REQUIREMENTS
/// T12). Offers in `faulty`, by place in the file, are left out: their fields are not to be
/// trusted. The work grows as the offers and what they cover, times the logarithm.
void check_one_value(const profiles::Catalogue& catalogue, const std::vector<bool>& faulty,
                     Report& report);

/// The part of a text that announces a reduction ("-20 %", "20 % de remise", "au lieu de 4,99");
/// empty where none does.
std::string_view announced_reduction(std::string_view text);

}  // namespace vitrine::wire
