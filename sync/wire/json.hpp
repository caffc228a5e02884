#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "sync/wire/problem.hpp"

// How this module reads and writes JSON. Only its .cpp files include this.
namespace vitrine::wire {

/// Keeps the order of an object's members, so that what is written always looks alike.
using Json = nlohmann::ordered_json;

/// What a foreign document may be at most.
struct JsonLimits {
    std::size_t bytes = 0;
    std::size_t depth = 16;
    std::size_t members = 64;  ///< Of one object. Looking for one is linear.
};

/// Parses strict JSON. Errors: `invalid` with line and column, also for a member that stands twice
/// in one object; `exhausted` beyond a limit.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits);

/// The line, from 1, on which parse_json gives up with those limits; 0 where it does not, and for a
/// text beyond the limit of bytes. As slow as parsing.
std::size_t failing_line(std::string_view text, const JsonLimits& limits);

/// Finds the line of each problem in the document that it is about; that of the innermost value
/// around what is missing; and puts the problems in its order. The text is one that parse_json
/// reads.
void find_lines(std::string_view text, std::vector<Problem>& problems);

/// Writes without blanks. `invalid` if a text in it is not UTF-8.
Result<std::string> dump_json(const Json& value, int indent = -1);

/// Where in a document a reader is. Lives on the stack, and is spelled out only for a problem.
class Place {
  public:
    Place() = default;
    Place(const Place& parent, std::string_view name) : parent_(&parent), name_(name) {}
    Place(const Place& parent, std::size_t index) : parent_(&parent), index_(index) {}
    /// "offers[12].prior_price"
    std::string text() const;

  private:
    const Place* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;
};

/// Collects what is wrong, up to a number.
class Report {
  public:
    explicit Report(std::size_t problems_max = kProblemsMax) : problems_max_(problems_max) {}
    void add(const Place& place, std::string message);
    bool clean() const { return problems_.empty(); }
    bool full() const { return problems_.size() >= problems_max_; }
    std::vector<Problem>& problems() { return problems_; }
    const std::vector<Problem>& problems() const { return problems_; }

  private:
    std::size_t problems_max_;
    std::vector<Problem> problems_;
};

/// An object while it is read. Each member is asked for by name; a wrong or missing one is reported
/// and read as the default, so that one pass finds every mistake. `finish` reports the members that
/// nobody asked for.
class ObjectReader {
  public:
    /// Reports anything but an object, and reads it as an empty one without further complaints.
    ObjectReader(const Json& value, const Place& place, Report& report);

    bool is_object() const { return value_ != nullptr; }
    Place at(std::string_view name) const { return {place_, name}; }
    Report& report() { return report_; }

    /// Null where there is none. Marks the member as known.
    const Json* find(std::string_view name);
    /// Like `find`; a missing one is reported.
    const Json* require(std::string_view name);

    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::int64_t integer_or(std::string_view name, std::int64_t min, std::int64_t max,
                            std::int64_t otherwise);
    /// 64 bits: a number up to 2^53 − 1, beyond that the decimal digits as a text.
    std::uint64_t counter(std::string_view name);
    /// 16 hexadecimal digits.
    std::uint64_t hex64(std::string_view name);
    float real(std::string_view name, double min, double max);
    float real_or(std::string_view name, double min, double max, float otherwise);
    bool boolean_or(std::string_view name, bool otherwise);
    std::string text(std::string_view name, std::size_t bytes_max);
    std::string text_or_empty(std::string_view name, std::size_t bytes_max);
    WallTime time(std::string_view name);
    WallTime time_or(std::string_view name, WallTime otherwise);

    /// A text that one of the names of an enumeration must be, by its `…_from`.
    template <class Value>
    Value named(std::string_view name, Result<Value> (*from)(std::string_view)) {
        return parsed<Value>(name, from);
    }
    template <class Id>
    Id id_name(std::string_view name) {
        return parsed<Id>(name, &Id::parse);
    }

    void finish();

  private:
    template <class Value>
    Value parsed(std::string_view name, Result<Value> (*from)(std::string_view)) {
        const Json* value = require(name);
        const std::string* text = value == nullptr ? nullptr : text_in(*value, name);
        if (text == nullptr) return Value{};
        Result<Value> result = from(*text);
        if (result) return *result;
        report_.add(at(name), result.error().message);
        return Value{};
    }
    const std::string* text_in(const Json& value, std::string_view name);

    const Json* value_ = nullptr;
    const Place& place_;
    Report& report_;
    std::uint64_t known_ = 0;  ///< A bit a member, which is why there are at most 64.
    std::vector<std::string_view> asked_;
};

// The single values, for elements of arrays.

/// Reports anything but an integer within the bounds, and then gives nothing.
std::optional<std::int64_t> read_integer(const Json& value, const Place& place, Report& report,
                                         std::int64_t min, std::int64_t max);
/// 64 bits, as ObjectReader::counter.
std::uint64_t read_counter(const Json& value, const Place& place, Report& report);
std::optional<double> read_real(const Json& value, const Place& place, Report& report, double min,
                                double max);
/// Reports anything but a text of at most that size without control characters but newlines.
const std::string* read_text(const Json& value, const Place& place, Report& report,
                             std::size_t bytes_max);
/// Reports anything but an array of at most that many elements; then it is to be read as empty.
const Json& read_array(const Json& value, const Place& place, Report& report,
                       std::size_t elements_max);

/// A value for a message: shortened, quoted as JSON.
std::string shown(const Json& value);

/// What `counter` reads.
Json counter_json(std::uint64_t value);

/// A float as the shortest number that reads back as the same float. Not for NaN and infinities.
Json real_json(float value);

/// 16 hexadecimal digits.
std::string hex_of(std::uint64_t value);

}  // namespace vitrine::wire
