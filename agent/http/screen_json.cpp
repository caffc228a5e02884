#include "agent/http/screen_json.hpp"

#include <array>

#include "agent/http/json_writer.hpp"

namespace vitrine::http {
namespace {

std::string_view name_of(Language language) { return language == Language::fr ? "fr" : "en"; }

std::string_view name_of(profiles::ValueKind kind) {
    constexpr std::array<std::string_view, 6> kNames{"price",     "percent_off", "amount_off",
                                                     "multi_buy", "points",      "service"};
    return kNames[static_cast<std::size_t>(kind)];
}

void write(JsonWriter& json, const LocalText& text) {
    json.begin_object().field("fr", text.fr).field("en", text.en).end_object();
}

void write(JsonWriter& json, WallTime time) {
    if (time == WallTime::max()) {
        json.null();
    } else {
        json.value(time.time_since_epoch().count());
    }
}

void write(JsonWriter& json, const std::optional<Cents>& cents) {
    if (cents) {
        json.value(cents->value());
    } else {
        json.null();
    }
}

void write(JsonWriter& json, const session::Card::Why& why) {
    json.begin_object().field("code", offers::name_of(why.code)).key("category");
    write(json, why.category);
    json.end_object();
}

void write(JsonWriter& json, const session::Card& card);
void write(JsonWriter& json, const session::StaffEntry& entry);

template <class T>
void write(JsonWriter& json, const std::vector<T>& values) {
    json.begin_array();
    for (const T& value : values) write(json, value);
    json.end_array();
}

void write(JsonWriter& json, const session::Card& card) {
    json.begin_object().field("offer", card.offer.value());
    write(json.key("title"), card.title);
    write(json.key("detail"), card.detail);
    write(json.key("terms"), card.terms);
    write(json.key("category"), card.category);
    json.field("image", card.image).field("value_kind", name_of(card.value_kind));
    json.field("value", card.value);
    write(json.key("price"), card.price);
    write(json.key("prior_price"), card.prior_price);
    json.field("unit_price", card.unit_price);
    write(json.key("valid_until"), card.valid_until);
    json.field("saved", card.saved);
    write(json.key("why"), card.why);
    json.end_object();
}

void write(JsonWriter& json, const std::optional<session::Claim>& claim) {
    if (!claim) {
        json.null();
        return;
    }
    json.begin_object().field("offer", claim->offer.value()).field("url", claim->url);
    write(json.key("valid_until"), claim->valid_until);
    json.end_object();
}

void write(JsonWriter& json, const std::optional<session::CheckInCode>& code) {
    if (!code) {
        json.null();
        return;
    }
    json.begin_object().field("url", code->url);
    write(json.key("valid_until"), code->valid_until);
    json.end_object();
}

void write(JsonWriter& json, const std::optional<session::Verified>& verified) {
    if (!verified) {
        json.null();
        return;
    }
    json.begin_object()
        .field("recognise", verified->recognise)
        .field("paused", verified->paused)
        .field("personalise", verified->personalise)
        .end_object();
}

void write(JsonWriter& json, const session::Condition& condition) {
    json.begin_object()
        .field("offline", condition.offline)
        .field("offers_stale", condition.offers_stale)
        .field("recognition_off", condition.recognition_off)
        .end_object();
}

void write(JsonWriter& json, const session::StaffEntry& entry) {
    json.begin_object().field("ref", entry.ref).field("calls_me", entry.calls_me);
    json.field("wishes", entry.wishes).field("kiosk", entry.kiosk.view());
    json.field("place", entry.place);
    write(json.key("since"), entry.since);
    json.field("tailored", entry.tailored);
    write(json.key("often_buys"), entry.often_buys);
    write(json.key("favourites"), entry.favourites);
    json.field("last_visit_day", entry.last_visit_day);
    write(json.key("next_best"), entry.next_best);
    json.end_object();
}

}  // namespace

std::string to_json(const session::Screen& screen) {
    JsonWriter json;
    json.begin_object().field("kiosk", screen.kiosk.view()).field("revision", screen.revision);
    json.field("mode", session::name_of(screen.mode)).field("decision", to_text(screen.decision));
    json.field("language", name_of(screen.language));
    write(json.key("cards"), screen.cards);
    write(json.key("claim"), screen.claim);
    write(json.key("check_in"), screen.check_in);
    write(json.key("verified"), screen.verified);
    write(json.key("condition"), screen.condition);
    json.field("idle_after", screen.idle_after.count());
    json.field("idle_grace", screen.idle_grace.count()).end_object();
    return std::move(json).take();
}

std::string to_json(const session::StaffBoard& board) {
    JsonWriter json;
    json.begin_object().field("revision", board.revision);
    write(json.key("members"), board.members);
    json.field("present_not_shown", board.present_not_shown);
    write(json.key("condition"), board.condition);
    json.end_object();
    return std::move(json).take();
}

std::string to_json(const session::Card& card) {
    JsonWriter json;
    write(json, card);
    return std::move(json).take();
}

}  // namespace vitrine::http
