#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/base/result.hpp"
#include "sync/central/import_report.hpp"

// How files of rows are read. Only this module's .cpp files include this.
namespace vitrine::central {

/// One row while it is read: every field is asked for by name, the first mistake is kept.
class ImportRow {
  public:
    struct Failure {
        Flaw flaw = Flaw::malformed;
        std::string column;
        std::string reason;
    };

    /// `invalid` for what is no JSON object, or longer than 16 KiB.
    static Result<ImportRow> parse(std::string_view line);
    /// A row of a CSV: an empty field counts as not given, numbers and lists are read from text.
    static ImportRow of_fields(std::span<const std::string> names,
                               std::span<const std::string_view> fields);

    bool has(std::string_view key) const { return value_.contains(key); }
    /// Has it, and it says something.
    bool gives(std::string_view key) const;
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
        if (failure_) return T{};
        auto value = from(given);
        if (!value) fail(key, value.error().message);
        return value ? std::move(value).value() : T{};
    }

    void fail(std::string_view key, std::string_view reason, Flaw flaw = Flaw::malformed);
    /// Also refuses fields that nobody asked for.
    Result<void> finish();
    const std::optional<Failure>& failure() const { return failure_; }

    /// By which two rows of a file are about the same thing; 0 until said.
    void identify(std::uint64_t identity) { identity_ = identity; }
    std::uint64_t identity() const { return identity_; }

  private:
    explicit ImportRow(nlohmann::json value, bool is_text)
        : value_(std::move(value)), is_text_(is_text) {}

    const nlohmann::json* find(const char* key, bool required);
    std::int64_t integer_in(const nlohmann::json& value, const char* key, std::int64_t min,
                            std::int64_t max);
    std::string text_in(const nlohmann::json& value, const char* key, std::size_t bytes_max);

    nlohmann::json value_;
    std::set<std::string, std::less<>> asked_;
    std::optional<Failure> failure_;
    bool is_text_;  ///< Every value is a text.
    std::uint64_t identity_ = 0;
};

/// The day of a date such as 2026-11-22.
Result<std::int32_t> day_from(std::string_view text);

}  // namespace vitrine::central
