#include "sync/sql/postgres_text.hpp"

#include <algorithm>
#include <cctype>

namespace vitrine::sql {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr char kDigits[] = "0123456789abcdef";

/// The length of the UTF-8 character at the front; 0 for what is none.
std::size_t character_at(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first == 0) return 0;
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    // Overlong forms, surrogates, and what is beyond the last character.
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return size;
}

void append_hex(std::string& out, std::string_view bytes) {
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
}

/// Quoted, as an array's element.
void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t size = character_at(text);
        if (size == 0) {
            out += kReplacement;
        } else {
            if (text[0] == '"' || text[0] == '\\') out += '\\';
            out += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    out += '"';
}

int value_of(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return -1;
}

}  // namespace

std::string numbered(std::string_view sql) {
    std::string out;
    int next = 1;
    bool quoted = false;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '\'') quoted = !quoted;
        if (quoted || sql[i] != '?') {
            out += sql[i];
            continue;
        }
        out += '$';
        const bool named =
            i + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i + 1]));
        if (!named) out += std::to_string(next++);
    }
    return out;
}

std::string clean_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t size = character_at(text);
        out += size == 0 ? kReplacement : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

std::string hex_of(ByteView bytes) {
    std::string out = "\\x";
    out.reserve(2 + bytes.size() * 2);
    append_hex(out, text_of(bytes));
    return out;
}

Bytes bytes_of_hex(std::string_view hex) {
    if (!hex.starts_with("\\x") || hex.size() % 2 != 0) return {};
    Bytes bytes;
    bytes.reserve(hex.size() / 2 - 1);
    for (std::size_t i = 2; i < hex.size(); i += 2) {
        const int high = value_of(hex[i]);
        const int low = value_of(hex[i + 1]);
        if (high < 0 || low < 0) return {};
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

std::string array_of(const Rows& rows, std::size_t column) {
    std::string out = "{";
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (row > 0) out += ',';
        const Rows::Cell& cell = rows.cell(row, column);
        switch (rows.columns()[column]) {
            case Rows::Type::integer:
                out += std::to_string(cell.integer);
                break;
            case Rows::Type::text:
                append_quoted(out, cell.text);
                break;
            case Rows::Type::bytes:
                out += "\"\\\\x";
                append_hex(out, cell.text);
                out += '"';
                break;
        }
    }
    return out + "}";
}

std::string with_timeouts(std::string url) {
    const auto add = [&](const char* name, const char* value) {
        if (url.find(name) != url.npos) return;
        url += url.find('?') == url.npos ? '?' : '&';
        url += std::string(name) + "=" + value;
    };
    add("connect_timeout", "3");
    add("tcp_user_timeout", "10000");
    add("application_name", "vitrine-central");
    return url;
}

std::string public_name(std::string_view url) {
    const std::size_t begin = url.find("://") + 3;
    const std::size_t end = std::min(url.find('?'), url.size());
    const std::size_t at = url.substr(0, end).rfind('@');
    const std::size_t colon = at == url.npos ? url.npos : url.substr(0, at).find(':', begin);
    if (colon == url.npos) return std::string(url.substr(0, end));
    return std::string(url.substr(0, colon)) + std::string(url.substr(at, end - at));
}

std::string trimmed(std::string_view message) {
    std::string out;
    for (const char each : message) out += each == '\n' || each == '\t' ? ' ' : each;
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

}  // namespace vitrine::sql
