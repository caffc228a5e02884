#pragma once

#include <cstdint>

#include "agent/base/ids.hpp"

namespace vitrine {

/// Received signal strength in dBm, −127 to 20; 127 means that the controller could not tell.
using Rssi = Number<struct RssiTag, std::int8_t>;
inline constexpr Rssi kRssiUnknown{127};

/// Money in hundredths of the shop's currency.
using Cents = Number<struct CentsTag, std::int64_t>;

/// A place on the shop's floor plan, in metres from its origin.
struct Point {
    double x_m = 0;
    double y_m = 0;
    double z_m = 0;
    friend bool operator==(const Point&, const Point&) = default;
};

/// The languages in which every text exists. French is the source language.
enum class Language : std::uint8_t { fr, en };

/// One text in each language.
struct LocalText {
    std::string fr;
    std::string en;
    const std::string& in(Language language) const { return language == Language::fr ? fr : en; }
    friend bool operator==(const LocalText&, const LocalText&) = default;
};

}  // namespace vitrine
