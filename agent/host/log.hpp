#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <type_traits>
#include <variant>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"

namespace vitrine::host {

enum class Level : std::uint8_t { debug, info, notice, warning, error };

template <class T>
inline constexpr bool kIsName = false;
template <class Tag>
inline constexpr bool kIsName<Name<Tag>> = true;
template <class T>
inline constexpr bool kIsDuration = false;
template <class Rep, class Period>
inline constexpr bool kIsDuration<std::chrono::duration<Rep, Period>> = true;

/// What may stand in a log line: numbers, text, names that configuration gives, durations. An
/// advert, an address, a member's pseudonym or bytes do not compile.
template <class T>
concept Loggable = (std::is_arithmetic_v<T> && !std::same_as<T, char>) || kIsName<T> ||
                   kIsDuration<T> || std::convertible_to<const T&, std::string_view>;

/// One `key=value` of a log line. Refers to its text: lives for one call.
class Field {
  public:
    using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view>;

    /// A duration is written in milliseconds.
    template <std::size_t N, Loggable T>
    Field(const char (&key)[N], const T& value) : key_(key, N - 1), value_(value_of(value)) {}

    std::string_view key() const { return key_; }
    const Value& value() const { return value_; }

  private:
    template <class T>
    static Value value_of(const T& value) {
        if constexpr (std::same_as<T, bool>) {
            return value;
        } else if constexpr (std::floating_point<T>) {
            return static_cast<double>(value);
        } else if constexpr (std::signed_integral<T>) {
            return static_cast<std::int64_t>(value);
        } else if constexpr (std::unsigned_integral<T>) {
            return static_cast<std::uint64_t>(value);
        } else if constexpr (kIsName<T>) {
            return value.view();
        } else if constexpr (kIsDuration<T>) {
            return std::chrono::duration<double, std::milli>(value).count();
        } else {
            return std::string_view(value);
        }
    }

    std::string_view key_;
    Value value_;
};

/// Where a log call stands in the source.
struct CallSite {
    const char* file = nullptr;
    int line = 0;

    static constexpr CallSite here(const char* file = __builtin_FILE(),
                                   int line = __builtin_LINE()) {
        return {file, line};
    }
};

/// The program's log: one line an event on standard error, `event key=value key="two words"`.
/// Under journald (JOURNAL_STREAM names this stream) a line begins with its priority, `<4>`;
/// otherwise with the local time and the level, for people. Control characters are escaped.
///
/// Warnings and errors are limited a call site: five in ten seconds, then silence; the next line
/// after that says how many were left out (`suppressed=`). Used on the loop's thread only.
class Log {
  public:
    enum class Format : std::uint8_t { automatic, journal, human };
    struct Options {
        Level level = Level::info;  ///< Anything below is left out.
        Format format = Format::automatic;
        int fd = 2;
    };

    /// The clock must outlive the log.
    explicit Log(const Clock& clock) : Log(clock, Options()) {}
    Log(const Clock& clock, Options options);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    using Fields = std::initializer_list<Field>;

    void debug(std::string_view event, Fields fields = {}, CallSite site = CallSite::here()) {
        write(Level::debug, event, fields, site);
    }
    void info(std::string_view event, Fields fields = {}, CallSite site = CallSite::here()) {
        write(Level::info, event, fields, site);
    }
    /// Normal but worth noticing: started, stopped, a bundle applied.
    void notice(std::string_view event, Fields fields = {}, CallSite site = CallSite::here()) {
        write(Level::notice, event, fields, site);
    }
    void warning(std::string_view event, Fields fields = {}, CallSite site = CallSite::here()) {
        write(Level::warning, event, fields, site);
    }
    void error(std::string_view event, Fields fields = {}, CallSite site = CallSite::here()) {
        write(Level::error, event, fields, site);
    }

    void write(Level level, std::string_view event, Fields fields, CallSite site);

    /// Reads `debug`, `info`, `notice`, `warning` or `error`; `invalid` otherwise.
    static Result<Level> parse_level(std::string_view text);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vitrine::host
