#include "sync/wire/catalogue_json.hpp"

#include <algorithm>

#include "sync/wire/catalogue_reader.hpp"
#include "sync/wire/rfc3339.hpp"
#include "sync/wire/rule_reader.hpp"

namespace vitrine::wire {

namespace {

using profiles::Catalogue;
using profiles::Category;
using profiles::Offer;

constexpr JsonLimits kLimits{
    .bytes = kCatalogueBytesMax, .depth = 2 * kRuleDepthMax + 6, .members = 64};

Category read_category(const Json& value, const Place& place, Report& report) {
    ObjectReader object(value, place, report);
    Category category;
    category.id = CategoryId(static_cast<std::uint16_t>(object.integer("id", 1, 0xffff)));
    category.parent =
        CategoryId(static_cast<std::uint16_t>(object.integer_or("parent", 1, 0xffff, 0)));
    category.name = read_local_text(object, "name", kTitleBytesMax, true);
    category.sensitive = object.boolean_or("sensitive", false);
    category.needs_age_proof = object.boolean_or("needs_age_proof", false);
    category.rhythm_days =
        static_cast<std::uint16_t>(object.integer_or("rhythm_days", 1, 730, category.rhythm_days));
    object.finish();
    return category;
}

Catalogue read_catalogue(const Json& document, const profiles::Policy* policy, Report& report) {
    const Place root;
    ObjectReader object(document, root, report);
    Catalogue catalogue;
    std::vector<bool> faulty;
    const std::string format = object.text("format", 64);
    if (object.is_object() && !format.empty() && format != kCatalogueFormat) {
        report.add(object.at("format"), "expected \"" + std::string(kCatalogueFormat) + "\"");
    }
    if (object.find("epoch") != nullptr) catalogue.epoch = Epoch(object.counter("epoch"));
    if (const Json* categories = object.require("categories")) {
        const Place at = object.at("categories");
        for (const Json& each : read_array(*categories, at, report, kCategoriesMax)) {
            const Place here(at, catalogue.categories.size());
            catalogue.categories.push_back(read_category(each, here, report));
        }
    }
    if (const Json* offers = object.require("offers")) {
        const Place at = object.at("offers");
        for (const Json& each : read_array(*offers, at, report, kOffersMax)) {
            const Place here(at, catalogue.offers.size());
            const std::size_t before = report.problems().size();
            catalogue.offers.push_back(read_offer(each, here, report));
            faulty.push_back(report.problems().size() != before);
            if (report.full()) break;
        }
    }
    object.finish();
    if (!report.full()) check_references(catalogue, report);
    if (!report.full() && policy != nullptr) check_bindings(catalogue, *policy, report);
    if (!report.full()) check_one_value(catalogue, faulty, report);
    const auto by_id = [](const auto& one, const auto& other) { return one.id < other.id; };
    std::sort(catalogue.categories.begin(), catalogue.categories.end(), by_id);
    std::sort(catalogue.offers.begin(), catalogue.offers.end(), by_id);
    return catalogue;
}

Json local_json(const LocalText& text) { return {{"fr", text.fr}, {"en", text.en}}; }

Json category_json(const Category& category) {
    Json json{{"id", category.id.value()}};
    if (category.parent != CategoryId{}) json["parent"] = category.parent.value();
    json["name"] = local_json(category.name);
    if (category.sensitive) json["sensitive"] = true;
    if (category.needs_age_proof) json["needs_age_proof"] = true;
    json["rhythm_days"] = category.rhythm_days;
    return json;
}

void write_value(const Offer& offer, Json& json) {
    json["value_kind"] = kValueKinds[static_cast<std::size_t>(offer.value_kind)];
    if (offer.value != 0) json["value"] = offer.value;
    if (offer.price) json["price_cents"] = offer.price->value();
    if (offer.prior_price) json["prior_price_cents"] = offer.prior_price->value();
    if (!offer.unit_price.empty()) json["unit_price"] = offer.unit_price;
}

Result<void> write_when(const Offer& offer, Json& json) {
    if (offer.valid_from != WallTime::min()) {
        json["valid_from"] = TRY(format_time(offer.valid_from).within("valid_from"));
    }
    if (offer.valid_until != WallTime::max()) {
        json["valid_until"] = TRY(format_time(offer.valid_until).within("valid_until"));
    }
    if (!offer.in_stock) json["in_stock"] = false;
    if (offer.popularity != 0) json["popularity"] = offer.popularity;
    if (offer.season != 0) json["season"] = offer.season;
    if (offer.weather != 0) json["weather"] = offer.weather < 0 ? "cold" : "hot";
    if (offer.price_tier != 0) {
        if (offer.price_tier < 0 || offer.price_tier > 3) return invalid("price_tier: not 0 to 3");
        json["price_tier"] = kPriceTiers[static_cast<std::size_t>(offer.price_tier - 1)];
    }
    json["reward"] = kRewards[static_cast<std::size_t>(offer.reward)];
    json["reward_window_hours"] = offer.reward_window_hours;
    return {};
}

void write_where(const Offer& offer, Json& json) {
    for (const StoreId& store : offer.stores) json["stores"].push_back(store.view());
    for (const auto placement : offer.placements) {
        json["placements"].push_back(kPlacements[static_cast<std::size_t>(placement)]);
    }
    if (!offer.exclusion_group.empty()) json["exclusion_group"] = offer.exclusion_group;
    if (!offer.segment.empty()) json["segment"] = rule_json(offer.segment);
    json["caps"] = {{"per_member_day", offer.caps.per_member_day},
                    {"per_member_total", offer.caps.per_member_total}};
    if (offer.cool_down_days != 0) json["cool_down_days"] = offer.cool_down_days;
    if (offer.budget != 0) json["budget"] = offer.budget;
    if (!offer.experiment.empty()) {
        json["experiment"] = {{"id", offer.experiment}, {"arm", offer.arm}};
    }
}

Result<Json> offer_json(const Offer& offer) {
    Json json{{"id", offer.id.value()}, {"category", offer.category.value()}};
    for (const CategoryId each : offer.also) json["also"].push_back(each.value());
    for (const ProductId each : offer.products) json["products"].push_back(each.value());
    json["title"] = local_json(offer.title);
    if (offer.detail != LocalText{}) json["detail"] = local_json(offer.detail);
    if (offer.terms != LocalText{}) json["terms"] = local_json(offer.terms);
    if (!offer.image.empty()) json["image"] = offer.image;
    write_value(offer, json);
    const Result<void> written = write_when(offer, json);
    if (!written) return written.error();
    write_where(offer, json);
    return json;
}

std::vector<Problem> check(std::string_view json, const profiles::Policy* policy) {
    const Result<Json> document = parse_json(json, kLimits);
    if (!document) {
        return {
            {.path = {}, .message = document.error().message, .line = failing_line(json, kLimits)}};
    }
    Report report;
    read_catalogue(*document, policy, report);
    find_lines(json, report.problems());
    return std::move(report.problems());
}

}  // namespace

std::vector<Problem> check_catalogue(std::string_view json) { return check(json, nullptr); }

std::vector<Problem> check_catalogue(std::string_view json, const profiles::Policy& policy) {
    return check(json, &policy);
}

Result<Catalogue> decode_catalogue(std::string_view json) {
    const Json document = TRY(parse_json(json, kLimits));
    Report report;
    Catalogue catalogue = read_catalogue(document, nullptr, report);
    if (!report.clean()) return error_of(report.problems());
    return catalogue;
}

Result<std::string> encode_catalogue(const Catalogue& catalogue) {
    Json json{{"format", kCatalogueFormat}};
    json["epoch"] = counter_json(catalogue.epoch.value());
    json["categories"] = Json::array();
    for (const Category& each : catalogue.categories) {
        json["categories"].push_back(category_json(each));
    }
    json["offers"] = Json::array();
    for (const Offer& each : catalogue.offers) {
        const std::string where = "offers[" + std::to_string(json["offers"].size()) + "]";
        json["offers"].push_back(TRY(offer_json(each).within(where)));
    }
    std::string text = TRY(dump_json(json));
    if (text.size() > kCatalogueBytesMax) {
        return exhausted("a catalogue of " + std::to_string(text.size()) + " bytes; at most " +
                         std::to_string(kCatalogueBytesMax));
    }
    return text;
}

}  // namespace vitrine::wire
