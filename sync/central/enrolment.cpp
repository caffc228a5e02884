#include "sync/central/enrolment.hpp"

#include <charconv>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "sync/bundle/keys.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/policy_json.hpp"

namespace vitrine::central {

namespace {

using nlohmann::json;

constexpr std::size_t kLineBytesMax = 16U << 10;

/// One row while it is read: every field is asked for by name, the first mistake is kept.
class Row {
  public:
    static Result<Row> parse(std::string_view line) {
        if (line.size() > kLineBytesMax) return invalid("longer than 16 KiB");
        json value = json::parse(line, nullptr, false);
        if (!value.is_object()) return invalid("not a JSON object");
        return Row(std::move(value));
    }

    std::string text(const char* key, std::size_t bytes_max, bool required) {
        const json* value = find(key, required);
        if (value == nullptr) return {};
        const auto* text = value->get_ptr<const std::string*>();
        if (text == nullptr || text->size() > bytes_max) {
            fail(key, "expected a text of at most " + std::to_string(bytes_max) + " bytes");
            return {};
        }
        return *text;
    }

    std::int64_t integer(const char* key, std::int64_t min, std::int64_t max,
                         std::optional<std::int64_t> otherwise) {
        const json* value = find(key, !otherwise);
        if (value == nullptr) return otherwise.value_or(min);
        return integer_in(*value, key, min, max);
    }

    bool flag(const char* key) {
        const json* value = find(key, false);
        if (value == nullptr) return false;
        if (!value->is_boolean()) fail(key, "expected true or false");
        return value->is_boolean() && value->get<bool>();
    }

    std::vector<std::int64_t> integers(const char* key, std::size_t count_max, std::int64_t max) {
        const json* value = find(key, false);
        std::vector<std::int64_t> numbers;
        if (value == nullptr) return numbers;
        if (!value->is_array() || value->size() > count_max) {
            fail(key, "expected at most " + std::to_string(count_max) + " numbers");
            return numbers;
        }
        for (const json& each : *value) numbers.push_back(integer_in(each, key, 1, max));
        return numbers;
    }

    template <class T>
    T parsed(const char* key, Result<T> (*from)(std::string_view)) {
        const std::string given = text(key, 128, true);
        if (!failure_.empty()) return T{};
        auto value = from(given);
        if (!value) fail(key, value.error().message);
        return value ? std::move(value).value() : T{};
    }

    void fail(std::string_view key, std::string_view reason) {
        if (failure_.empty()) failure_ = std::string(key) + ": " + std::string(reason);
    }

    /// Also refuses fields that nobody asked for.
    Result<void> finish() {
        for (const auto& [key, value] : value_.items()) {
            if (!asked_.contains(key)) fail(key.substr(0, 64), "is not known");
        }
        if (!failure_.empty()) return invalid(failure_);
        return {};
    }

  private:
    explicit Row(json value) : value_(std::move(value)) {}

    const json* find(const char* key, bool required) {
        asked_.emplace(key);
        const auto at = value_.find(key);
        if (at != value_.end() && !at->is_null()) return &*at;
        if (required) fail(key, "is missing");
        return nullptr;
    }

    std::int64_t integer_in(const json& value, const char* key, std::int64_t min,
                            std::int64_t max) {
        const bool fits = value.is_number_integer() && value.get<std::int64_t>() >= min &&
                          value.get<std::int64_t>() <= max;
        if (!fits) {
            fail(key, "expected a whole number from " + std::to_string(min) + " to " +
                          std::to_string(max));
        }
        return fits ? value.get<std::int64_t>() : min;
    }

    json value_;
    std::set<std::string, std::less<>> asked_;
    std::string failure_;
};

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

Result<std::int32_t> day_from(std::string_view text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const auto number = [&](std::size_t at, std::size_t size, auto& value) {
        if (text.size() != 10) return false;
        const auto [end, code] = std::from_chars(text.data() + at, text.data() + at + size, value);
        return code == std::errc{} && end == text.data() + at + size;
    };
    const bool read = number(0, 4, year) && number(5, 2, month) && number(8, 2, day) &&
                      text[4] == '-' && text[7] == '-';
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!read || !date.ok()) return invalid("expected a date such as 2026-11-22");
    return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
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

Result<void> import_member(sqlite::Connection& connection, Members& members, std::string_view line,
                           WallTime now) {
    Row row = TRY(Row::parse(line));
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
    Row row = TRY(Row::parse(line));
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

/// Takes each line in one transaction for all; an error of the database ends the import with
/// nothing taken.
template <class Take>
Result<ImportReport> import_rows(sqlite::Connection& connection, std::istream& rows, Take take) {
    ImportReport report;
    auto transaction = TRY(sqlite::Transaction::begin(connection));
    std::string line;
    for (std::uint64_t number = 1; std::getline(rows, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        ++report.rows;
        auto taken = take(line);
        if (taken) {
            ++report.taken;
            continue;
        }
        const ErrorCode code = taken.error().code;
        if (code == ErrorCode::unavailable || code == ErrorCode::exhausted ||
            code == ErrorCode::corrupt) {
            return std::move(taken).error().within("line " + std::to_string(number));
        }
        ++report.refused;
        if (report.refusals.size() < ImportReport::kRefusalsMax) {
            report.refusals.push_back({number, taken.error().message});
        }
    }
    TRY(transaction.commit());
    return report;
}

Result<void> put_setting(sqlite::Connection& connection, std::string_view key,
                         std::string_view value) {
    auto upsert = TRY(connection.prepare(
        "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2"));
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

Result<void> add_shop(sqlite::Connection& connection, StoreId shop) {
    auto insert = TRY(connection.prepare("INSERT INTO shops VALUES (?) ON CONFLICT DO NOTHING"));
    return insert.bind(shop.view()).run();
}

Result<void> put_catalogue(sqlite::Connection& connection, std::string_view json) {
    const auto problems = wire::check_catalogue(json);
    if (!problems.empty()) return all_of(problems);
    return put_setting(connection, "catalogue", json);
}

Result<void> put_policy(sqlite::Connection& connection, std::string_view json) {
    const auto problems = wire::check_policy(json);
    if (!problems.empty()) return all_of(problems);
    return put_setting(connection, "policy", json);
}

Result<ImportReport> import_members(sqlite::Connection& connection, std::istream& rows,
                                    WallTime now) {
    Members members(connection);
    return import_rows(connection, rows, [&](std::string_view line) {
        return import_member(connection, members, line, now);
    });
}

Result<ImportReport> import_purchases(sqlite::Connection& connection, std::istream& rows,
                                      WallTime now) {
    Members members(connection);
    return import_rows(connection, rows,
                       [&](std::string_view line) { return import_purchase(members, line, now); });
}

}  // namespace vitrine::central
