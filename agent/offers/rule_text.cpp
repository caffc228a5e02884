#include "agent/offers/rule_text.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::offers {

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string_view characters(std::string_view text, std::size_t from, std::size_t count) {
    const auto offset_of = [&](std::size_t character) {
        std::size_t offset = 0;
        for (; offset < text.size(); ++offset) {
            if ((static_cast<unsigned char>(text[offset]) & 0xc0) == 0x80) continue;
            if (character-- == 0) break;
        }
        return offset;
    };
    const std::size_t begin = offset_of(from);
    text.remove_prefix(begin);
    return text.substr(0, offset_of(count));
}

std::string_view substring(std::string_view text, double start, double count) {
    const auto size = static_cast<double>(code_points(text));
    if (std::isnan(start)) start = 0;
    start = std::trunc(start);
    const double from = start < 0 ? std::max(0.0, size + start) : std::min(start, size);
    const double room = std::min(std::isnan(count) ? 0 : std::trunc(count), size - from);
    if (room <= 0) return {};
    return characters(text, static_cast<std::size_t>(from), static_cast<std::size_t>(room));
}

}  // namespace vitrine::offers
