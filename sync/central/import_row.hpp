#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/base/result.hpp"
#include "sync/central/enrolment.hpp"
#include "sync/sql/sql.hpp"

// How files of rows are read. Only this module's .cpp files include this.
namespace vitrine::central {

/// One row while it is read: every field is asked for by name, the first mistake is kept.
class ImportRow {
  public:
    /// `invalid` for what is no JSON object, or longer than 16 KiB.
    static Result<ImportRow> parse(std::string_view line);

    bool has(const char* key) const { return value_.contains(key); }
    std::string text(const char* key, std::size_t bytes_max, bool required);
    /// Without `otherwise` it has to be there.
    std::int64_t integer(const char* key, std::int64_t min, std::int64_t max,
                         std::optional<std::int64_t> otherwise);
    bool flag(const char* key);
    /// From 1 to `max` each.
    std::vector<std::int64_t> integers(const char* key, std::size_t count_max, std::int64_t max);
    std::vector<std::string> texts(const char* key, std::size_t count_max, std::size_t bytes_max);
    /// The texts of an object's fields.
    std::vector<std::pair<std::string, std::string>> pairs(const char* key, std::size_t count_max,
                                                           std::size_t bytes_max);

    template <class T>
    T parsed(const char* key, Result<T> (*from)(std::string_view)) {
        const std::string given = text(key, 128, true);
        if (!failure_.empty()) return T{};
        auto value = from(given);
        if (!value) fail(key, value.error().message);
        return value ? std::move(value).value() : T{};
    }

    void fail(std::string_view key, std::string_view reason);
    /// Also refuses fields that nobody asked for.
    Result<void> finish();

  private:
    explicit ImportRow(nlohmann::json value) : value_(std::move(value)) {}

    const nlohmann::json* find(const char* key, bool required);
    std::int64_t integer_in(const nlohmann::json& value, const char* key, std::int64_t min,
                            std::int64_t max);
    std::string text_in(const nlohmann::json& value, const char* key, std::size_t bytes_max);

    nlohmann::json value_;
    std::set<std::string, std::less<>> asked_;
    std::string failure_;
};

/// The day of a date such as 2026-11-22.
Result<std::int32_t> day_from(std::string_view text);

/// Takes each line in one transaction for all; an error of the database ends the import with
/// nothing taken.
Result<ImportReport> import_rows(sql::Connection& connection, std::istream& rows,
                                 const std::function<Result<void>(std::string_view)>& take);

}  // namespace vitrine::central
