#include "agent/http/json_writer.hpp"

#include <cstdint>

namespace vitrine::http {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

bool is_continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

/// The length of the well-formed character that begins here (Unicode 15, table 3-7); 0 for none.
std::size_t character_at(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const auto second =
        at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : std::uint8_t{0};
    if (!is_continuation(text, at + 1)) return 0;
    if (first >= 0xc2 && first <= 0xdf) return 2;
    if (!is_continuation(text, at + 2)) return 0;
    if (first == 0xe0) return second >= 0xa0 ? 3 : 0;
    if (first == 0xed) return second <= 0x9f ? 3 : 0;
    if (first >= 0xe1 && first <= 0xef) return 3;
    if (!is_continuation(text, at + 3)) return 0;
    if (first == 0xf0) return second >= 0x90 ? 4 : 0;
    if (first == 0xf4) return second <= 0x8f ? 4 : 0;
    return first >= 0xf1 && first <= 0xf3 ? 4 : 0;
}

void append_escape(std::string& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else {
        out += "\\u00";
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 0xf];
    }
}

}  // namespace

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    text_ += '"';
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && is_plain(text[end])) ++end;
        text_.append(text, i, end - i);
        i = end;
        if (i == text.size()) break;
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            append_escape(text_, text[i++]);
            continue;
        }
        const std::size_t length = character_at(text, i);
        text_ += length == 0 ? kReplacement : text.substr(i, length);
        i += length == 0 ? 1 : length;
    }
    text_ += '"';
    return *this;
}

}  // namespace vitrine::http
