#include <algorithm>
#include <array>

#include "agent/consent/consent.hpp"
#include "sync/central/audit.hpp"
#include "sync/central/import_taker.hpp"

namespace vitrine::central {

namespace {

constexpr std::size_t kTextBytesMax = 40;

bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= 31 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// `{"dimension":"age_band","values":["18-29","30-44"]}`: which answers there are.
Result<void> declare(sql::Connection& connection, ImportRow& row) {
    const std::string dimension = row.text("dimension", kTextBytesMax, true);
    const auto values = row.texts("values", kAuditValuesMax, kTextBytesMax);
    if (!is_key(dimension)) row.fail("dimension", "expected 1 to 31 of a-z, 0-9 and '_'");
    if (is_protected_by_article_9(dimension)) {
        row.fail("dimension", "speaks of what Art. 9 GDPR protects: it may not be asked");
    }
    for (const std::string& value : values) {
        if (value.empty()) row.fail("values", "one is empty");
        if (is_protected_by_article_9(value)) {
            row.fail("values", "one speaks of what Art. 9 GDPR protects: it may not be asked");
        }
    }
    TRY(row.finish());
    auto others = TRY(connection.prepare(
        "SELECT count(DISTINCT dimension) FROM audit_values WHERE dimension <> ?"));
    TRY(others.bind(dimension).step());
    if (others.integer(0) >= static_cast<std::int64_t>(kAuditDimensionsMax)) {
        return invalid("dimension: there are " + std::to_string(kAuditDimensionsMax) + " already");
    }
    others.reset();
    auto remove = TRY(connection.prepare("DELETE FROM audit_values WHERE dimension = ?"));
    TRY(remove.bind(dimension).run());
    auto insert =
        TRY(connection.prepare("INSERT INTO audit_values VALUES (?, ?, ?) ON CONFLICT DO NOTHING"));
    for (std::size_t i = 0; i < values.size(); ++i) {
        TRY(insert.bind(dimension, values[i], std::uint64_t{i}).run());
    }
    // Answers that are none any more go.
    auto gone =
        TRY(connection.prepare("DELETE FROM audit_segments WHERE dimension = ?1 AND value NOT IN "
                               "(SELECT value FROM audit_values WHERE dimension = ?1)"));
    return gone.bind(dimension).run();
}

Result<bool> allows_measure(sql::Connection& connection, MemberId member, WallTime now) {
    auto select = TRY(connection.prepare(
        "SELECT 1 FROM consents JOIN members USING (member) WHERE member = ? AND purpose = ? AND "
        "granted = 1 AND grant_version >= withdrawal AND ? < valid_until"));
    select.bind(member.value(), static_cast<int>(consent::Purpose::measure),
                now.time_since_epoch().count());
    return select.step();
}

/// `{"member":…,"audit":{"age_band":"60+"}}`: all that a member said; `{}` takes it back.
Result<void> answer(sql::Connection& connection, ImportRow& row, WallTime now) {
    const auto member = row.parsed<MemberId>("member", &id_from_text<MemberId>);
    const auto audit = row.pairs("audit", kAuditDimensionsMax, kTextBytesMax);
    TRY(row.finish());
    auto known =
        TRY(connection.prepare("SELECT 1 FROM audit_values WHERE dimension = ? AND value = ?"));
    for (const auto& [dimension, value] : audit) {
        if (!TRY(known.bind(dimension, value).step())) {
            return invalid("audit: " + dimension + " has no such declared value");
        }
    }
    known.reset();
    if (!audit.empty() && !TRY(allows_measure(connection, member, now))) {
        return denied("member: no such member who allows measure");
    }
    auto remove = TRY(connection.prepare("DELETE FROM audit_segments WHERE member = ?"));
    TRY(remove.bind(member.value()).run());
    auto insert = TRY(connection.prepare("INSERT INTO audit_segments VALUES (?, ?, ?)"));
    for (const auto& [dimension, value] : audit) {
        TRY(insert.bind(member.value(), dimension, value).run());
    }
    return {};
}

class AuditTaker final : public ImportTaker {
  public:
    AuditTaker(sql::Connection& connection, WallTime now) : connection_(connection), now_(now) {}
    std::span<const ImportColumn> columns() const override { return columns_; }
    Result<void> take(ImportRow& row, std::uint64_t, ImportJudge&) override {
        return row.has("dimension") ? declare(connection_, row) : answer(connection_, row, now_);
    }

  private:
    /// Objects within objects: JSON lines only.
    const std::vector<ImportColumn> columns_{{"member"}, {"audit"}, {"dimension"}, {"values"}};
    sql::Connection& connection_;
    const WallTime now_;
};

}  // namespace

bool is_protected_by_article_9(std::string_view text) {
    // Beginnings or parts of words, in English and French, without accents where both occur.
    constexpr std::array parts{
        "race",     "racial", "ethni",     "origin",  "nationalit",  "religi",      "belief",
        "croyan",   "faith",  "politi",    "opinion", "trade union", "trade_union", "syndic",
        "genet",    "genom",  "biometr",   "health",  "sante",       "santé",       "medic",
        "médic",    "disab",  "handicap",  "disease", "maladi",      "pregnan",     "encein",
        "grossess", "sexual", "orientati", "gay",     "lesb",        "philos",      "génét",
        "muslim",   "musulm", "jewish",    "juif",    "chrét",       "christian",   "cathol"};
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return std::ranges::any_of(
        parts, [&](const char* part) { return lower.find(part) != std::string::npos; });
}

std::unique_ptr<ImportTaker> audit_taker(sql::Connection& connection, WallTime now) {
    return std::make_unique<AuditTaker>(connection, now);
}

}  // namespace vitrine::central
