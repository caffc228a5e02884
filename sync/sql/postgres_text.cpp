#include "sync/sql/postgres_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "agent/base/utf8.hpp"

namespace vitrine::sql {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

enum class Quotes : std::uint8_t { as_they_are, escaped };

/// What PostgreSQL keeps of a text: all of UTF-8 but the character 0. Most of what it keeps is
/// events, so nearly every byte is an ordinary one.
void append_text(std::string& out, std::string_view text, Quotes quotes) {
    std::array<char, 1024> buffer;
    std::size_t used = 0;
    const auto put = [&](std::string_view bytes) {
        for (const char byte : bytes) buffer[used++] = byte;
    };
    for (std::size_t at = 0; at < text.size();) {
        if (used + 4 > buffer.size()) out.append(buffer.data(), std::exchange(used, 0));
        const char byte = text[at];
        if (byte > 0) {
            const bool quote = byte == '"' || byte == '\\';
            if (quote && quotes == Quotes::escaped) buffer[used++] = '\\';
            buffer[used++] = byte;
            ++at;
            continue;
        }
        const std::size_t size = byte == 0 ? 0 : size_of_utf8(text.substr(at));
        put(size == 0 ? kReplacement : text.substr(at, size));
        at += std::max<std::size_t>(size, 1);
    }
    out.append(buffer.data(), used);
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
    append_text(out, text, Quotes::as_they_are);
    return out;
}

std::string hex_of(ByteView bytes) { return "\\x" + to_hex(bytes); }

Bytes bytes_of_hex(std::string_view hex) {
    if (!hex.starts_with("\\x")) return {};
    return from_hex(hex.substr(2)).value_or(Bytes{});
}

std::string array_of(const Rows& rows, std::size_t column) {
    std::string out = "{";
    std::size_t size = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) size += rows.cell(row, column).text.size();
    out.reserve(size + size / 2 + 16 * rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (row > 0) out += ',';
        const Rows::Cell& cell = rows.cell(row, column);
        switch (rows.columns()[column]) {
            case Rows::Type::integer:
                out += std::to_string(cell.integer);
                break;
            case Rows::Type::text:
                out += '"';
                append_text(out, cell.text, Quotes::escaped);
                out += '"';
                break;
            case Rows::Type::bytes:
                out += "\"\\\\x";
                out += to_hex(view_of(cell.text));
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
