#pragma once

#include <array>
#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/base/result.hpp"

namespace vitrine {

/// Says whether a text can be a Name: 1 to 31 of `a-z 0-9 -`, starting with a letter or digit. Safe
/// in topics, paths and URLs.
constexpr bool is_name(std::string_view text) {
    if (text.empty() || text.size() > 31 || text.front() == '-') return false;
    for (const char c : text) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return true;
}

/// A name that people chose and configuration carries: a store, a kiosk. Kept inline: copying one
/// allocates nothing.
template <class Tag>
class Name {
  public:
    constexpr Name() = default;

    /// For names in the source; text from outside goes through `parse`.
    template <std::size_t N>
    constexpr explicit Name(const char (&literal)[N]) : Name(std::string_view(literal, N - 1)) {}

    /// `invalid` where `is_name` says no.
    static Result<Name> parse(std::string_view text) {
        if (!is_name(text)) {
            return invalid("'" + std::string(text.substr(0, 64)) +
                           "' is not a name (1 to 31 of a-z, 0-9 and '-')");
        }
        return Name(text);
    }

    constexpr bool empty() const { return size_ == 0; }
    constexpr std::string_view view() const { return {text_.data(), size_}; }
    std::string str() const { return std::string(view()); }

    friend constexpr auto operator<=>(const Name&, const Name&) = default;

  private:
    constexpr explicit Name(std::string_view text) : size_(static_cast<std::uint8_t>(text.size())) {
        CHECK(is_name(text));
        for (std::size_t i = 0; i < text.size(); ++i) text_[i] = text[i];
    }

    std::array<char, 31> text_{};
    std::uint8_t size_ = 0;
};

/// A number that is not just a number.
template <class Tag, class Rep>
class Number {
  public:
    using rep = Rep;
    constexpr Number() = default;
    constexpr explicit Number(Rep value) : value_(value) {}
    constexpr Rep value() const { return value_; }
    constexpr Number next() const { return Number(static_cast<Rep>(value_ + 1)); }
    friend constexpr auto operator<=>(const Number&, const Number&) = default;

  private:
    Rep value_ = 0;
};

using TenantId = Name<struct TenantTag>;
using StoreId = Name<struct StoreTag>;
using AgentId = Name<struct AgentTag>;
using KioskId = Name<struct KioskTag>;
using ZoneId = Name<struct ZoneTag>;
using ScannerId = Name<struct ScannerTag>;
using StaffId = Name<struct StaffTag>;

/// A member's pseudonym: random, given by the centre, never derived from who they are. 0 is nobody.
using MemberId = Number<struct MemberTag, std::uint64_t>;
using OfferId = Number<struct OfferTag, std::uint32_t>;
using ProductId = Number<struct ProductTag, std::uint32_t>;
using CategoryId = Number<struct CategoryTag, std::uint16_t>;
/// One choice of offers; random, so that it names no one and no count.
using DecisionId = Number<struct DecisionTag, std::uint64_t>;
/// Counts the published states of one kind of bundle at one centre.
using Epoch = Number<struct EpochTag, std::uint64_t>;
/// Counts one database's records from 1, without a gap.
using Sequence = Number<struct SequenceTag, std::uint64_t>;

/// The 16 hexadecimal digits by which a 64-bit id is written outside.
template <class Tag>
std::string to_text(Number<Tag, std::uint64_t> id) {
    std::array<char, 16> digits{};
    for (std::size_t i = 0; i < digits.size(); ++i) {
        digits[i] = "0123456789abcdef"[(id.value() >> (60 - 4 * i)) & 0xf];
    }
    return {digits.data(), digits.size()};
}

/// Reads what `to_text` wrote; `invalid` on anything else.
template <class Id>
Result<Id> id_from_text(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.size() != 16 || code != std::errc{} || end != text.data() + text.size()) {
        return invalid("expected 16 hexadecimal digits");
    }
    return Id(value);
}

}  // namespace vitrine

template <class Tag>
struct std::hash<vitrine::Name<Tag>> {
    std::size_t operator()(const vitrine::Name<Tag>& name) const noexcept {
        return std::hash<std::string_view>{}(name.view());
    }
};

template <class Tag, class Rep>
struct std::hash<vitrine::Number<Tag, Rep>> {
    std::size_t operator()(vitrine::Number<Tag, Rep> number) const noexcept {
        return static_cast<std::size_t>(static_cast<std::uint64_t>(number.value()) *
                                        0x9e3779b97f4a7c15ULL);
    }
};
