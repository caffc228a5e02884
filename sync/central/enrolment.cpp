#include "sync/central/enrolment.hpp"

#include "sync/central/news.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/policy_json.hpp"

namespace vitrine::central {

namespace {

Result<void> put_setting(sql::Connection& connection, std::string_view key,
                         std::string_view value) {
    auto upsert = TRY(connection.prepare(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
        "excluded.value"));
    TRY(upsert.bind(key, view_of(value)).run());
    return tell_news(connection);
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
    TRY(insert.bind(shop.view()).run());
    return tell_news(connection);
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
    return import_stream(connection, ImportKind::members, rows, now);
}

Result<ImportReport> import_purchases(sql::Connection& connection, std::istream& rows,
                                      WallTime now) {
    return import_stream(connection, ImportKind::purchases, rows, now);
}

Result<ImportReport> import_visits(sql::Connection& connection, std::istream& rows, WallTime now) {
    return import_stream(connection, ImportKind::visits, rows, now);
}

Result<ImportReport> import_audit(sql::Connection& connection, std::istream& rows, WallTime now) {
    return import_stream(connection, ImportKind::audit, rows, now);
}

}  // namespace vitrine::central
