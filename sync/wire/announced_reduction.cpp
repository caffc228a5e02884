#include <array>
#include <string>

#include "sync/wire/catalogue_reader.hpp"

namespace vitrine::wire {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Blanks of all kinds, which French puts before a sign.
constexpr std::array<std::string_view, 4> kBlanks{" ", "\u00a0", "\u202f", "\u2009"};
constexpr std::array<std::string_view, 3> kMinus{"-", "\u2212", "\u2013"};
constexpr std::array<std::string_view, 2> kUnits{"%", "€"};
/// What makes the share or the amount before it one that is taken off.
constexpr std::array<std::string_view, 9> kOff{"de remise",  "de réduction", "de reduction",
                                               "de rabais",  "de moins",     "d'économie",
                                               "d’économie", "off",          "discount"};
constexpr std::array<std::string_view, 3> kInstead{"au lieu de", "instead of", "down from"};

template <std::size_t N>
std::size_t length_of_any(std::string_view text, const std::array<std::string_view, N>& of) {
    for (const std::string_view each : of) {
        if (text.starts_with(each)) return each.size();
    }
    return 0;
}

std::size_t blanks(std::string_view text) {
    std::size_t size = 0;
    while (const std::size_t blank = length_of_any(text.substr(size), kBlanks)) size += blank;
    return size;
}

/// "20 %", "3,50 €", "€5": how long it is; 0 for anything else.
std::size_t share_or_amount(std::string_view text) {
    const bool pound_style = text.starts_with("€");
    std::size_t size = pound_style ? std::string_view("€").size() : 0;
    const std::size_t digits = size;
    while (size < text.size() &&
           (is_digit(text[size]) || (size > digits && (text[size] == ',' || text[size] == '.')))) {
        ++size;
    }
    if (size == digits) return 0;
    if (pound_style) return size;
    size += blanks(text.substr(size));
    const std::size_t unit = length_of_any(text.substr(size), kUnits);
    return unit == 0 ? 0 : size + unit;
}

bool ends_a_number(std::string_view before) {
    while (before.ends_with(' ')) before.remove_suffix(1);
    return !before.empty() && (is_digit(before.back()) || before.ends_with("%"));
}

/// How much of the text from `at` on announces a reduction.
std::size_t announcement_at(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    if (const std::size_t instead = length_of_any(rest, kInstead)) {
        const std::size_t blank = blanks(rest.substr(instead));
        const std::string_view price = rest.substr(instead + blank);
        const bool priced = price.starts_with("€") || (!price.empty() && is_digit(price[0]));
        return priced ? instead : 0;
    }
    if (const std::size_t minus = length_of_any(rest, kMinus)) {
        // "20 - 30 %" is a range.
        const bool stands_alone = at == 0 || text[at - 1] == ' ' || text[at - 1] == '(';
        if (!stands_alone || ends_a_number(text.substr(0, at))) return 0;
        const std::size_t blank = blanks(rest.substr(minus));
        // "Chocolat - 70 % de cacao" has a dash.
        if (blank > 0 && at > 0 && text[at - 1] != '(') return 0;
        const std::size_t much = share_or_amount(rest.substr(minus + blank));
        return much == 0 ? 0 : minus + blank + much;
    }
    const std::size_t much = share_or_amount(rest);
    if (much == 0 || (at > 0 && is_digit(text[at - 1]))) return 0;
    const std::size_t blank = blanks(rest.substr(much));
    const std::size_t off = length_of_any(rest.substr(much + blank), kOff);
    // "20 % offerts" gives more and takes nothing off.
    const std::string_view after = rest.substr(much + blank + off);
    const bool goes_on = !after.empty() && after[0] >= 'a' && after[0] <= 'z';
    return off == 0 || goes_on ? 0 : much + blank + off;
}

}  // namespace

std::string_view announced_reduction(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (const std::size_t size = announcement_at(text, at)) return text.substr(at, size);
    }
    return {};
}

}  // namespace vitrine::wire
