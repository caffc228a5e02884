#pragma once

#include <array>
#include <string_view>

#include "agent/profiles/catalogue.hpp"
#include "sync/wire/json.hpp"

// The three steps of reading a catalogue. Only the catalogue's .cpp files include this.
namespace vitrine::wire {

inline constexpr std::string_view kCatalogueFormat = "vitrine-catalogue-1";
inline constexpr std::array<std::string_view, 6> kValueKinds{
    "price", "percent_off", "amount_off", "multi_buy", "points", "service"};
inline constexpr std::array<std::string_view, 2> kPlacements{"kiosk", "staff"};
inline constexpr std::array<std::string_view, 3> kWeathers{"cold", "any", "hot"};  ///< −1, 0, 1.

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

}  // namespace vitrine::wire
