#include "sync/central/enrolment.hpp"

#include "sync/bundle/keys.hpp"
#include "sync/central/import_row.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/policy_json.hpp"

namespace vitrine::central {

namespace {

Result<profiles::Level> level_from(std::string_view name) {
    if (name == "none") return profiles::Level::none;
    if (name == "basic") return profiles::Level::basic;
    if (name == "full") return profiles::Level::full;
    return invalid("expected none, basic or full");
}

Result<Language> language_from(std::string_view name) {
    if (name == "fr") return Language::fr;
    if (name == "en") return Language::en;
    return invalid("expected fr or en");
}

/// The grants that came with an import: one event a purpose, of a notice that the importing party
/// vouches for.
std::vector<consent::Event> grants_of(MemberId member,
                                      const std::vector<consent::Purpose>& purposes, WallTime now) {
    std::vector<consent::Event> events;
    const std::string notice = "import";
    for (const consent::Purpose purpose : purposes) {
        // The same import twice gives the same id, so the history has each grant once.
        const Digest id = bundle::digest_of(
            view_of(to_text(member) + "/import/" + std::string(consent::name_of(purpose))));
        consent::Event event{.subject = member,
                             .purpose = purpose,
                             .decision = consent::Decision::granted,
                             .time = advance(Hlc{}, now),
                             .channel = consent::Channel::import,
                             .notice = {.id = notice, .version = 1}};
        for (std::size_t i = 0; i < 8; ++i) event.id = event.id << 8 | id[i];
        event.id >>= 1;
        events.push_back(event);
    }
    return events;
}

Result<void> import_member(sql::Connection& connection, Members& members, std::string_view line,
                           WallTime now) {
    ImportRow row = TRY(ImportRow::parse(line));
    Member member{.id = row.parsed<MemberId>("member", &id_from_text<MemberId>)};
    member.key.bytes =
        row.parsed<std::array<std::uint8_t, 16>>("identity_key", &fixed_from_hex<16>);
    member.level = row.parsed<profiles::Level>("level", &level_from);
    member.language = row.parsed<Language>("language", &language_from);
    member.age_proven = row.flag("age_proven");
    member.birth_month = static_cast<std::uint8_t>(row.integer("birth_month", 0, 12, 0));
    for (const std::int64_t each : row.integers("favourites", 16, 0xffff)) {
        member.favourites.emplace_back(static_cast<std::uint16_t>(each));
    }
    member.calls_me = row.text("calls_me", 100, false);
    member.wishes = row.text("wishes", 400, false);
    std::vector<consent::Purpose> granted;
    for (const consent::Purpose purpose : consent::kPurposes) {
        if (row.flag(std::string(consent::name_of(purpose)).c_str())) granted.push_back(purpose);
    }
    if (member.id == MemberId{}) row.fail("member", "0 is nobody");
    TRY(row.finish());
    TRY(members.enrol(member));
    for (const consent::Event& event : grants_of(member.id, granted, now))
        TRY(join_consent(connection, event));
    return {};
}

Result<void> import_purchase(Members& members, std::string_view line, WallTime now) {
    ImportRow row = TRY(ImportRow::parse(line));
    const auto member = row.parsed<MemberId>("member", &id_from_text<MemberId>);
    Purchase purchase{.day = row.parsed<std::int32_t>("day", &day_from)};
    purchase.product =
        ProductId(static_cast<std::uint32_t>(row.integer("product", 0, 0xffff'ffffLL, 0)));
    purchase.category =
        CategoryId(static_cast<std::uint16_t>(row.integer("category", 1, 0xffff, std::nullopt)));
    purchase.quantity = static_cast<std::uint32_t>(row.integer("quantity", 1, 10'000, 1));
    purchase.cents = row.integer("cents", 0, 100'000'000, 0);
    if (purchase.day > day_of(now)) row.fail("day", "is in the future");
    TRY(row.finish());
    return members.bought(member, purchase);
}

Result<Channel> channel_from(std::string_view name) {
    if (name == "store") return Channel::store;
    if (name == "web") return Channel::web;
    if (name == "app") return Channel::app;
    return invalid("expected store, web or app");
}

Result<void> import_visit(Members& members, std::string_view line, WallTime now) {
    ImportRow row = TRY(ImportRow::parse(line));
    const auto member = row.parsed<MemberId>("member", &id_from_text<MemberId>);
    const auto day = row.parsed<std::int32_t>("day", &day_from);
    if (day > day_of(now)) row.fail("day", "is in the future");
    const bool with_basket = row.has("basket");
    // A basket is filled on the web; where exactly may be said, but need not be.
    ChannelVisit visit{.day = day, .channel = Channel::web};
    if (!with_basket || row.has("channel")) {
        visit.channel = row.parsed<Channel>("channel", &channel_from);
    }
    Basket basket{.day = day};
    for (const std::int64_t each : row.integers("basket", Basket::kProductsMax, 0xffff'ffffLL)) {
        basket.products.emplace_back(static_cast<std::uint32_t>(each));
    }
    TRY(row.finish());
    TRY(members.visited(member, visit));
    if (with_basket) TRY(members.left_basket(member, basket));
    return {};
}

Result<void> put_setting(sql::Connection& connection, std::string_view key,
                         std::string_view value) {
    auto upsert = TRY(connection.prepare(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
        "excluded.value"));
    return upsert.bind(key, view_of(value)).run();
}

Error all_of(const std::vector<wire::Problem>& problems) {
    std::string text;
    for (const wire::Problem& problem : problems) {
        if (!text.empty()) text += "\n";
        text += problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
    }
    return invalid(text);
}

}  // namespace

Result<void> add_shop(sql::Connection& connection, StoreId shop) {
    auto insert = TRY(connection.prepare("INSERT INTO shops VALUES (?) ON CONFLICT DO NOTHING"));
    return insert.bind(shop.view()).run();
}

Result<void> put_catalogue(sql::Connection& connection, std::string_view json) {
    const auto problems = wire::check_catalogue(json);
    if (!problems.empty()) return all_of(problems);
    return put_setting(connection, "catalogue", json);
}

Result<void> put_policy(sql::Connection& connection, std::string_view json) {
    const auto problems = wire::check_policy(json);
    if (!problems.empty()) return all_of(problems);
    return put_setting(connection, "policy", json);
}

Result<ImportReport> import_members(sql::Connection& connection, std::istream& rows, WallTime now) {
    Members members(connection);
    return import_rows(connection, rows, [&](std::string_view line) {
        return import_member(connection, members, line, now);
    });
}

Result<ImportReport> import_purchases(sql::Connection& connection, std::istream& rows,
                                      WallTime now) {
    Members members(connection);
    return import_rows(connection, rows,
                       [&](std::string_view line) { return import_purchase(members, line, now); });
}

Result<ImportReport> import_visits(sql::Connection& connection, std::istream& rows, WallTime now) {
    Members members(connection);
    return import_rows(connection, rows,
                       [&](std::string_view line) { return import_visit(members, line, now); });
}

}  // namespace vitrine::central
