#include <algorithm>

#include "sync/wire/catalogue_reader.hpp"
#include "sync/wire/rule_reader.hpp"

namespace vitrine::wire {

namespace {

using profiles::Offer;
using profiles::Placement;
using profiles::ValueKind;

constexpr std::int64_t kU32 = 0xffffffff;
constexpr std::int64_t kCoolDownDaysMax = 365;
constexpr std::size_t kNameBytesMax = 64;

template <std::size_t N>
std::size_t one_of(const Json& value, const std::array<std::string_view, N>& names,
                   const Place& place, Report& report) {
    const std::string* text = value.is_string() ? &value.get_ref<const std::string&>() : nullptr;
    const auto found = text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    std::string known;
    for (const auto name : names) known += (known.empty() ? "" : ", ") + std::string(name);
    report.add(place, "expected one of " + known + ", got " + shown(value));
    return 0;
}

std::optional<Cents> read_cents(ObjectReader& object, std::string_view name) {
    if (object.find(name) == nullptr) return std::nullopt;
    return Cents(object.integer(name, 1, kCentsMax));
}

/// The largest number that makes sense for a kind.
std::int64_t value_max(ValueKind kind) {
    switch (kind) {
        case ValueKind::percent_off:
            return 100;
        case ValueKind::multi_buy:
        case ValueKind::service:
            return 1000;
        case ValueKind::points:
            return 1'000'000;
        default:
            return kCentsMax;
    }
}

bool needs_value(ValueKind kind) {
    return kind == ValueKind::percent_off || kind == ValueKind::amount_off ||
           kind == ValueKind::points;
}

void read_value(ObjectReader& object, Offer& offer) {
    if (const Json* kind = object.require("value_kind")) {
        offer.value_kind = static_cast<ValueKind>(
            one_of(*kind, kValueKinds, object.at("value_kind"), object.report()));
    }
    const std::int64_t max = value_max(offer.value_kind);
    offer.value = static_cast<std::int32_t>(needs_value(offer.value_kind)
                                                ? object.integer("value", 1, max)
                                                : object.integer_or("value", 0, max, 0));
    offer.price = read_cents(object, "price_cents");
    offer.prior_price = read_cents(object, "prior_price_cents");
    offer.unit_price = object.text_or_empty("unit_price", 40);
}

/// A path below the shop's image folder, and no way out of it.
std::string read_image(ObjectReader& object) {
    std::string image = object.text_or_empty("image", 200);
    const bool plain = std::all_of(image.begin(), image.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == '/';
    });
    const bool inside = image.starts_with("/images/") && image.find("..") == image.npos &&
                        image.find("//") == image.npos;
    if (!image.empty() && !(plain && inside)) {
        object.report().add(object.at("image"),
                            "expected a path like /images/coffee.webp (letters, digits, - _ . /)");
    }
    return image;
}

void read_where(ObjectReader& object, Offer& offer) {
    Report& report = object.report();
    if (const Json* stores = object.find("stores")) {
        const Place at = object.at("stores");
        for (const Json& each : read_array(*stores, at, report, 1000)) {
            const Place here(at, offer.stores.size());
            const std::string* text = read_text(each, here, report, 64);
            auto store = text == nullptr ? Result<StoreId>(StoreId()) : StoreId::parse(*text);
            if (!store) report.add(here, store.error().message);
            offer.stores.push_back(std::move(store).value_or({}));
        }
    }
    if (const Json* placements = object.find("placements")) {
        const Place at = object.at("placements");
        for (const Json& each : read_array(*placements, at, report, kPlacements.size())) {
            const Place here(at, offer.placements.size());
            offer.placements.push_back(
                static_cast<Placement>(one_of(each, kPlacements, here, report)));
        }
    }
}

profiles::Caps read_caps(ObjectReader& parent) {
    profiles::Caps caps;
    const Json* value = parent.find("caps");
    if (value == nullptr) return caps;
    const Place place = parent.at("caps");
    ObjectReader object(*value, place, parent.report());
    caps.per_member_day =
        static_cast<std::uint8_t>(object.integer_or("per_member_day", 0, 255, caps.per_member_day));
    caps.per_member_total = static_cast<std::uint8_t>(
        object.integer_or("per_member_total", 0, 255, caps.per_member_total));
    object.finish();
    return caps;
}

/// Limits of a campaign: how often, how long not again, how many.
void read_limits(ObjectReader& object, Offer& offer) {
    offer.caps = read_caps(object);
    offer.cool_down_days =
        static_cast<std::uint16_t>(object.integer_or("cool_down_days", 0, kCoolDownDaysMax, 0));
    offer.budget = static_cast<std::uint32_t>(object.integer_or("budget", 1, kU32, 0));
    const Json* value = object.find("experiment");
    if (value == nullptr) return;
    const Place place = object.at("experiment");
    ObjectReader binding(*value, place, object.report());
    offer.experiment = binding.text("id", kNameBytesMax);
    offer.arm = binding.text("arm", kNameBytesMax);
    binding.finish();
    if (!binding.is_object()) return;
    if (!is_name(offer.experiment)) {
        object.report().add(binding.at("id"), "expected 1 to 31 of a-z, 0-9 and '-'");
    }
    if (offer.arm.empty()) object.report().add(binding.at("arm"), "is empty");
}

void read_when(ObjectReader& object, Offer& offer) {
    offer.valid_from = object.time_or("valid_from", offer.valid_from);
    offer.valid_until = object.time_or("valid_until", offer.valid_until);
    offer.in_stock = object.boolean_or("in_stock", true);
    offer.popularity = static_cast<std::int16_t>(object.integer_or("popularity", 0, 1000, 0));
    offer.season = static_cast<std::int8_t>(object.integer_or("season", 0, 12, 0));
    if (const Json* tier = object.find("price_tier")) {
        const auto index = one_of(*tier, kPriceTiers, object.at("price_tier"), object.report());
        offer.price_tier = static_cast<std::int8_t>(index + 1);
    }
    if (const Json* weather = object.find("weather")) {
        const auto index = one_of(*weather, kWeathers, object.at("weather"), object.report());
        offer.weather = static_cast<std::int8_t>(static_cast<int>(index) - 1);
    }
    if (const Json* reward = object.find("reward")) {
        offer.reward = static_cast<profiles::Reward>(
            one_of(*reward, kRewards, object.at("reward"), object.report()));
    }
    offer.reward_window_hours = static_cast<std::uint32_t>(
        object.integer_or("reward_window_hours", 1, 2160, offer.reward_window_hours));
}

}  // namespace

LocalText read_local_text(ObjectReader& object, std::string_view name, std::size_t bytes_max,
                          bool required) {
    LocalText texts;
    const Json* value = required ? object.require(name) : object.find(name);
    if (value == nullptr) return texts;
    const Place place = object.at(name);
    ObjectReader text(*value, place, object.report());
    texts.fr = text.text_or_empty("fr", bytes_max);
    texts.en = text.text_or_empty("en", bytes_max);
    if (text.is_object() && texts.fr.empty()) {
        object.report().add(text.at("fr"), "the French text is missing (REQUIREMENTS C1)");
    }
    if (texts.en.empty()) texts.en = texts.fr;
    text.finish();
    return texts;
}

/// A list of different ids, put in order.
template <class Id>
std::vector<Id> read_ids(ObjectReader& object, std::string_view name, std::int64_t max,
                         std::size_t count_max) {
    std::vector<Id> ids;
    const Json* value = object.find(name);
    if (value == nullptr) return ids;
    const Place at = object.at(name);
    std::size_t index = 0;
    for (const Json& each : read_array(*value, at, object.report(), count_max)) {
        const Place here(at, index++);
        const auto number = read_integer(each, here, object.report(), 1, max);
        if (!number) continue;
        ids.push_back(Id(static_cast<typename Id::rep>(*number)));
    }
    std::ranges::sort(ids);
    if (const auto twice = std::ranges::adjacent_find(ids); twice != ids.end()) {
        object.report().add(at, std::to_string(twice->value()) + " stands twice");
    }
    return ids;
}

Offer read_offer(const Json& value, const Place& place, Report& report) {
    ObjectReader object(value, place, report);
    Offer offer;
    offer.id = OfferId(static_cast<std::uint32_t>(object.integer("id", 1, kU32)));
    offer.category = CategoryId(static_cast<std::uint16_t>(object.integer("category", 1, 0xffff)));
    offer.products = read_ids<ProductId>(object, "products", kU32, Offer::kProductsMax);
    offer.also = read_ids<CategoryId>(object, "also", 0xffff, Offer::kAlsoMax);
    offer.title = read_local_text(object, "title", kTitleBytesMax, true);
    offer.detail = read_local_text(object, "detail", kDetailBytesMax, false);
    offer.terms = read_local_text(object, "terms", kDetailBytesMax, false);
    offer.image = read_image(object);
    read_value(object, offer);
    read_when(object, offer);
    read_where(object, offer);
    offer.exclusion_group = object.text_or_empty("exclusion_group", 64);
    if (const Json* segment = object.find("segment")) {
        offer.segment = read_rule(*segment, RuleScope::declared, object.at("segment"), report);
    }
    read_limits(object, offer);
    object.finish();
    if (object.is_object()) check_offer(offer, place, report);
    return offer;
}

}  // namespace vitrine::wire
