#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "agent/base/check.hpp"

namespace vitrine {

/// What a caller can do about a failure; the message says the rest.
enum class ErrorCode {
    invalid,      ///< The input is wrong: naming file, line or field is the message's duty.
    not_found,    ///< No such thing.
    unavailable,  ///< A part outside is not there now: try again later.
    denied,       ///< Not allowed: credentials, consent, a bad signature.
    exhausted,    ///< A stated limit is reached: queue, disk, budget.
    corrupt,      ///< Data that we wrote ourselves no longer reads back.
    conflict,     ///< Out of date: an older epoch, a superseded screen, a cloned identity.
};

std::string_view name_of(ErrorCode code);

/// An expected failure.
struct Error {
    ErrorCode code = ErrorCode::invalid;
    std::string message;

    /// The same failure, told from one step further out: "catalogue.json: line 3: …".
    Error within(std::string_view where) && {
        return {code, std::string(where) + ": " + std::move(message)};
    }

    friend bool operator==(const Error&, const Error&) = default;
};

inline Error invalid(std::string message) { return {ErrorCode::invalid, std::move(message)}; }
inline Error not_found(std::string message) { return {ErrorCode::not_found, std::move(message)}; }
inline Error unavailable(std::string message) {
    return {ErrorCode::unavailable, std::move(message)};
}
inline Error denied(std::string message) { return {ErrorCode::denied, std::move(message)}; }
inline Error exhausted(std::string message) { return {ErrorCode::exhausted, std::move(message)}; }
inline Error corrupt(std::string message) { return {ErrorCode::corrupt, std::move(message)}; }
inline Error conflict(std::string message) { return {ErrorCode::conflict, std::move(message)}; }

/// A value or the reason why there is none. The names are those of std::expected, which GCC 12 does
/// not have in C++20.
template <class T>
class [[nodiscard]] Result {
  public:
    using value_type = T;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return checked(); }
    const T& value() const& { return const_cast<Result*>(this)->checked(); }
    T value() && { return std::move(checked()); }
    T& operator*() & { return checked(); }
    const T& operator*() const& { return value(); }
    T operator*() && { return std::move(checked()); }
    T* operator->() { return &checked(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& {
        CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }
    Error error() && {
        CHECK(!has_value());
        return std::move(*std::get_if<1>(&state_));
    }

    T value_or(T otherwise) && { return has_value() ? std::move(checked()) : std::move(otherwise); }

    /// Adds the place to the error, if there is one.
    Result within(std::string_view where) && {
        if (has_value()) return std::move(*this);
        return std::move(*this).error().within(where);
    }

  private:
    T& checked() {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }

    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    using value_type = void;

    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool has_value() const { return !error_; }
    explicit operator bool() const { return has_value(); }
    void value() const { CHECK(has_value()); }
    const Error& error() const& {
        CHECK(error_.has_value());
        return *error_;
    }
    Error error() && {
        CHECK(error_.has_value());
        return std::move(*error_);
    }

    Result within(std::string_view where) && {
        if (has_value()) return {};
        return std::move(*this).error().within(where);
    }

  private:
    std::optional<Error> error_;
};

}  // namespace vitrine

#define VITRINE_JOIN_(a, b) a##b
#define VITRINE_JOIN(a, b) VITRINE_JOIN_(a, b)
#define VITRINE_TRY(name, expression)                          \
    __extension__({                                            \
        auto name = (expression);                              \
        if (!name.has_value()) return std::move(name).error(); \
        std::move(name).value();                               \
    })

/// The value of a Result, or an early return with its error: `auto frame = TRY(parse(bytes));`
#define TRY(expression) VITRINE_TRY(VITRINE_JOIN(try_result_, __COUNTER__), expression)
