#include "agent/offers/rule_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "agent/offers/features.hpp"
#include "agent/offers/rule_values.hpp"

namespace vitrine::offers {

namespace {

using profiles::RuleOp;

enum Field : std::size_t {
    hour,
    weekday,
    month,
    weather,
    holiday,
    trigger,
    shop,
    placement,
    stock,
    level,
    age_proven,
    favourites,
    favourite,
    birthday_month,
    visits_30_days,
    days_since_visit,
    spent_90_days,
    bought,
    days_since_bought,
    purchases,
    rhythm_days,
    days_since_product,
    due,
    days_since_basket,
    days_since_web,
    responses,
    churn,
    kFields
};

/// A slot is the field's index plus, for a numbered one, kStride times the number.
constexpr std::int32_t kStride = 32;
static_assert(kFields <= kStride);
constexpr std::uint32_t kProductMax = std::numeric_limits<std::int32_t>::max() / kStride - 1;
constexpr std::uint32_t kCategoryMax = 0xffff;

constexpr RuleField declare(Field field, std::string_view name, std::string_view meaning) {
    return {name, static_cast<std::int32_t>(field), meaning, field >= level};
}

constexpr std::array<RuleField, kFields> kDeclared{
    declare(hour, "hour", "0 to 23, in the shop's time zone"),
    declare(weekday, "weekday", "0 Monday to 6 Sunday"),
    declare(month, "month", "1 to 12"),
    declare(weather, "weather", "-1 cold or rain, 0 mild or unknown, 1 hot or sunny"),
    declare(holiday, "holiday", "true on a public holiday"),
    declare(trigger, "trigger",
            "what set the choice off: none, arrival, dwell (somebody stays), weather_change"),
    declare(shop, "store", "the shop's name"),
    declare(placement, "placement", "kiosk or staff"),
    declare(stock, "stock.", "how much of that product the shop has: out, low or normal"),
    declare(level, "level", "how much the member wants: basic or full"),
    declare(age_proven, "age_proven", "true where full age was proven at the till"),
    declare(favourites, "favourites", "the numbers of the categories the member named"),
    declare(favourite, "favourite.", "true where the member named that category"),
    declare(birthday_month, "birthday_month",
            "true in the month in which the member wants a treat"),
    declare(visits_30_days, "visits_30_days", "visits in the last 30 days"),
    declare(days_since_visit, "days_since_visit",
            "whole days since the visit before this one; infinity where none is known"),
    declare(spent_90_days, "spent_90_days", "spent in the last 90 days, in the shop's currency"),
    declare(bought, "bought", "the numbers of the categories the member buys"),
    declare(days_since_bought, "days_since_bought.",
            "whole days since the last purchase in that category or one below it; infinity where "
            "there was none"),
    declare(purchases, "purchases.",
            "purchases in that category and those below it, each halved every 60 days"),
    declare(rhythm_days, "rhythm_days.",
            "the member's own median days between purchases in that category; 0 where not known"),
    declare(days_since_product, "days_since_product.",
            "whole days since the last purchase of that product; infinity where there was none"),
    declare(due, "due.",
            "true where that category, or one below it, was bought as long ago as its rhythm"),
    declare(days_since_basket, "days_since_basket",
            "whole days since something was left in the web basket; infinity where nothing was"),
    declare(days_since_web, "days_since_web",
            "whole days since the last visit of web shop or app; infinity where there was none"),
    declare(responses, "responses", "offers taken up, each halved every 60 days"),
    declare(churn, "churn", "how likely the member will not come back, 0 to 1; 0 where not known"),
};

constexpr std::array<std::string_view, 4> kTriggerNames{"none", "arrival", "dwell",
                                                        "weather_change"};
constexpr std::array<std::string_view, 3> kStockNames{"out", "low", "normal"};

constexpr std::uint8_t need_of(std::size_t field) {
    if (field < level) return reads_context;
    return field < birthday_month ? reads_choices : reads_behaviour;
}

std::size_t field_of(std::int32_t slot) { return static_cast<std::size_t>(slot % kStride); }
std::uint32_t number_of(std::int32_t slot) { return static_cast<std::uint32_t>(slot / kStride); }

/// Whether `id` is `above` or below it in the taxonomy.
bool is_within(const profiles::Catalogue& catalogue, CategoryId id, CategoryId above) {
    constexpr int kDepthMax = 8;
    for (int depth = 0; depth < kDepthMax && id != CategoryId{}; ++depth) {
        if (id == above) return true;
        const profiles::Category* category = catalogue.category(id);
        if (category == nullptr) return false;
        id = category->parent;
    }
    return false;
}

}  // namespace

std::span<const RuleField> declared_fields() { return kDeclared; }

std::optional<std::int32_t> slot_of(std::string_view name) {
    for (const RuleField& field : kDeclared) {
        if (!field.name.ends_with('.')) {
            if (field.name == name) return field.slot;
            continue;
        }
        if (!name.starts_with(field.name)) continue;
        const std::string_view digits = name.substr(field.name.size());
        const std::uint32_t max =
            field.slot == std::int32_t{days_since_product} || field.slot == std::int32_t{stock}
                ? kProductMax
                : kCategoryMax;
        std::uint32_t number = 0;
        const auto [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (code != std::errc{} || end != digits.data() + digits.size() || number == 0 ||
            number > max) {
            return std::nullopt;
        }
        return field.slot + kStride * static_cast<std::int32_t>(number);
    }
    return std::nullopt;
}

std::uint8_t needs_of(const profiles::Rule& rule) {
    unsigned needs = reads_nothing;
    bool asks_by_name = false;
    for (const profiles::RuleNode& node : rule.nodes) {
        if (node.op == RuleOp::var && node.field >= 0) needs |= need_of(field_of(node.field));
        asks_by_name |= node.op == RuleOp::missing || node.op == RuleOp::missing_some;
    }
    // Any text may then be a name.
    if (asks_by_name) {
        for (const std::string& text : rule.texts) {
            const std::optional<std::int32_t> slot = slot_of(text);
            if (slot) needs |= need_of(field_of(*slot));
        }
    }
    return static_cast<std::uint8_t>(needs);
}

void CampaignData::look_at(const Context& context, const profiles::Profile* profile,
                           std::uint8_t readable) {
    context_ = context;
    profile_ = profile;
    readable_ = readable;
    if (profile == nullptr) readable_ &= reads_context;
    const std::size_t needed =
        profile == nullptr ? 0 : profile->favourites.size() + profile->habits.size();
    if (room_.size() < needed) room_.resize(needed);
}

RuleValue CampaignData::field(std::int32_t slot) const {
    const std::size_t index = field_of(slot);
    if (slot < 0 || index >= kFields || (need_of(index) & readable_) == 0) return rule_null();
    if (index < level) return context_field(index, number_of(slot));
    return index < birthday_month ? choice_field(index, number_of(slot))
                                  : behaviour_field(index, number_of(slot));
}

/// A campaign's rule has no document but its fields, for which `missing` asks by name.
RuleValue CampaignData::at(const RuleValue& scope, std::string_view path) const {
    if (scope.kind != RuleValue::Kind::absent) return path.empty() ? scope : rule_absent();
    const std::optional<std::int32_t> slot = slot_of(path);
    return slot ? field(*slot) : rule_absent();
}

RuleValue CampaignData::context_field(std::size_t index, std::uint32_t number) const {
    switch (index) {
        case hour:
            return rule_number(context_.hour);
        case weekday:
            return rule_number(context_.weekday);
        case month:
            return rule_number(context_.month);
        case weather:
            return rule_number(context_.weather);
        case holiday:
            return rule_bool(context_.holiday);
        case trigger:
            return rule_text(kTriggerNames[static_cast<std::size_t>(context_.trigger)]);
        case stock: {
            const auto amount =
                stock_ == nullptr ? profiles::StockLevel::normal : stock_->of(ProductId(number));
            return rule_text(kStockNames[static_cast<std::size_t>(amount)]);
        }
        case shop:
            return rule_text(context_.store.view());
        default:
            return rule_text(context_.placement == profiles::Placement::kiosk ? "kiosk" : "staff");
    }
}

RuleValue CampaignData::choice_field(std::size_t index, std::uint32_t number) const {
    switch (index) {
        case level:
            return rule_text(profile_->level == profiles::Level::full ? "full" : "basic");
        case age_proven:
            return rule_bool(profile_->age_proven);
        case favourites:
            return category_list(profile_->favourites);
        default: {
            const CategoryId wanted(static_cast<std::uint16_t>(number));
            return rule_bool(std::find(profile_->favourites.begin(), profile_->favourites.end(),
                                       wanted) != profile_->favourites.end() &&
                             !catalogue_.sensitive(wanted));
        }
    }
}

/// What concerns a sensitive category is as if it had never been.
RuleValue CampaignData::behaviour_field(std::size_t index, std::uint32_t number) const {
    switch (index) {
        case birthday_month:
            return rule_bool(profile_->birth_month != 0 && (readable_ & reads_context) != 0 &&
                             profile_->birth_month == context_.month);
        case visits_30_days:
            return rule_number(profile_->visits_30_days);
        case days_since_visit:
            return rule_number(days_since(profile_->last_visit_day));
        case spent_90_days:
            return rule_number(profile_->spent_90_days_cents / 100.0);
        case bought:
            return bought_list();
        case days_since_product: {
            const profiles::ProductHabit* habit = profile_->bought(ProductId(number));
            return rule_number(days_since(habit == nullptr ? 0 : habit->last_bought_day));
        }
        case days_since_basket:
            return rule_number(days_since(profile_->basket.empty() ? 0 : profile_->basket_day));
        case days_since_web:
            return rule_number(days_since(profile_->last_web_day));
        case responses:
            return rule_number(static_cast<double>(bounded_weight(profile_->responses)));
        case churn:
            return rule_number(static_cast<double>(bounded_weight(profile_->churn)));
        default:
            break;
    }
    const CategoryId category(static_cast<std::uint16_t>(number));
    if (index == rhythm_days) {
        const profiles::Habit* habit = profile_->habit(category);
        const bool readable = habit != nullptr && !catalogue_.sensitive(category);
        return rule_number(readable ? habit->rhythm_days : 0);
    }
    double weight = 0;
    std::int32_t last_day = 0;
    bool is_due = false;
    for (const profiles::Habit& habit : profile_->habits) {
        if (!is_within(catalogue_, habit.category, category)) continue;
        if (catalogue_.sensitive(habit.category)) continue;
        weight += static_cast<double>(habit.weight);
        last_day = std::max(last_day, habit.last_bought_day);
        const profiles::Category* own = catalogue_.category(habit.category);
        const int rhythm =
            habit.rhythm_days != 0 || own == nullptr ? habit.rhythm_days : own->rhythm_days;
        is_due = is_due || (rhythm > 0 && days_since(habit.last_bought_day) >= rhythm);
    }
    if (index == due) return rule_bool(is_due);
    return rule_number(index == purchases ? weight : days_since(last_day));
}

RuleValue CampaignData::category_list(std::span<const CategoryId> categories) const {
    std::size_t count = 0;
    for (const CategoryId category : categories) {
        if (!catalogue_.sensitive(category)) room_[count++] = rule_number(category.value());
    }
    return rule_list(std::span<const RuleValue>(room_).first(count));
}

RuleValue CampaignData::bought_list() const {
    const std::size_t first = profile_->favourites.size();
    std::size_t count = 0;
    for (const profiles::Habit& habit : profile_->habits) {
        if (catalogue_.sensitive(habit.category)) continue;
        room_[first + count++] = rule_number(habit.category.value());
    }
    return rule_list(std::span<const RuleValue>(room_).subspan(first, count));
}

double CampaignData::days_since(std::int32_t day) const {
    if (day <= 0) return std::numeric_limits<double>::infinity();
    return std::max(0, day_of(context_.now) - day);
}

}  // namespace vitrine::offers
