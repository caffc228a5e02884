#include <string>

#include "agent/offers/decision.hpp"

namespace vitrine::offers {

namespace {

constexpr std::array<std::string_view, kReasonCodes> kReasonNames{
    "popular_here",       "in_season", "weather",        "time_of_day",
    "new_to_you",         "everyone",  "your_favourite", "you_often_buy",
    "running_out",        "goes_with", "in_your_basket", "campaign",
    "suits_everyone_here"};

constexpr std::array<std::string_view, kRemovals> kRemovalNames{
    "not_valid_now",   "other_store", "other_placement",
    "out_of_stock",    "sensitive",   "age",
    "segment",         "experiment",  "budget",
    "exclusion_group", "just_bought", "dismissed",
    "cool_down",       "fatigue",     "offer_cap",
    "category_cap",    "day_cap",     "quiet"};

constexpr std::array<std::string_view, 3> kPathNames{"mass", "group", "personal"};

template <class Enum, std::size_t N>
Result<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name,
                       std::string_view what) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    return invalid("unknown " + std::string(what) + " '" + std::string(name.substr(0, 64)) + "'");
}

}  // namespace

std::string_view name_of(ReasonCode code) { return kReasonNames[static_cast<std::size_t>(code)]; }
Result<ReasonCode> reason_from(std::string_view name) {
    return find_name<ReasonCode>(kReasonNames, name, "reason");
}

std::string_view name_of(Removal removal) {
    return kRemovalNames[static_cast<std::size_t>(removal)];
}

std::string_view name_of(Path path) { return kPathNames[static_cast<std::size_t>(path)]; }
Result<Path> path_from(std::string_view name) { return find_name<Path>(kPathNames, name, "path"); }

}  // namespace vitrine::offers
