#include "agent/http/screen_json.hpp"

#include <array>

#include <nlohmann/json.hpp>

namespace vitrine::http {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const LocalText& text) { return {{"fr", text.fr}, {"en", text.en}}; }

Json json_of(WallTime time) {
    if (time == WallTime::max()) return nullptr;
    return time.time_since_epoch().count();
}

Json json_of(const std::optional<Cents>& cents) {
    if (!cents) return nullptr;
    return cents->value();
}

std::string_view name_of(Language language) { return language == Language::fr ? "fr" : "en"; }

std::string_view name_of(profiles::ValueKind kind) {
    constexpr std::array<std::string_view, 6> kNames{"price",     "percent_off", "amount_off",
                                                     "multi_buy", "points",      "service"};
    return kNames[static_cast<std::size_t>(kind)];
}

Json json_of(const session::Card::Why& why);
Json json_of(const session::Card& card);
Json json_of(const session::StaffEntry& entry);

template <class T>
Json array_of(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(json_of(value));
    return array;
}

Json json_of(const session::Card::Why& why) {
    return {{"code", offers::name_of(why.code)}, {"category", json_of(why.category)}};
}

Json json_of(const session::Card& card) {
    return {{"offer", card.offer.value()},
            {"title", json_of(card.title)},
            {"detail", json_of(card.detail)},
            {"terms", json_of(card.terms)},
            {"category", json_of(card.category)},
            {"image", card.image},
            {"value_kind", name_of(card.value_kind)},
            {"value", card.value},
            {"price", json_of(card.price)},
            {"prior_price", json_of(card.prior_price)},
            {"unit_price", card.unit_price},
            {"valid_until", json_of(card.valid_until)},
            {"saved", card.saved},
            {"why", array_of(card.why)}};
}

Json json_of(const std::optional<session::Claim>& claim) {
    if (!claim) return nullptr;
    return {{"offer", claim->offer.value()},
            {"url", claim->url},
            {"valid_until", json_of(claim->valid_until)}};
}

Json json_of(const session::Condition& condition) {
    return {{"offline", condition.offline},
            {"offers_stale", condition.offers_stale},
            {"recognition_off", condition.recognition_off}};
}

Json json_of(const session::StaffEntry& entry) {
    return {{"ref", entry.ref},
            {"calls_me", entry.calls_me},
            {"wishes", entry.wishes},
            {"kiosk", entry.kiosk.view()},
            {"since", json_of(entry.since)},
            {"tailored", entry.tailored},
            {"often_buys", array_of(entry.often_buys)},
            {"favourites", array_of(entry.favourites)},
            {"last_visit_day", entry.last_visit_day},
            {"next_best", array_of(entry.next_best)}};
}

std::string line_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const session::Screen& screen) {
    return line_of({{"kiosk", screen.kiosk.view()},
                    {"revision", screen.revision},
                    {"mode", session::name_of(screen.mode)},
                    {"decision", to_text(screen.decision)},
                    {"language", name_of(screen.language)},
                    {"cards", array_of(screen.cards)},
                    {"claim", json_of(screen.claim)},
                    {"condition", json_of(screen.condition)},
                    {"idle_after", screen.idle_after.count()},
                    {"idle_grace", screen.idle_grace.count()}});
}

std::string to_json(const session::StaffBoard& board) {
    return line_of({{"revision", board.revision},
                    {"members", array_of(board.members)},
                    {"present_not_shown", board.present_not_shown},
                    {"condition", json_of(board.condition)}});
}

std::string to_json(const session::Card& card) { return line_of(json_of(card)); }

}  // namespace vitrine::http
