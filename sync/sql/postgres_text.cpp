#include "sync/sql/postgres_text.hpp"

#include <algorithm>
#include <cctype>

#include "agent/base/utf8.hpp"

namespace vitrine::sql {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// What PostgreSQL keeps: all of UTF-8 but the character 0.
std::size_t character_at(std::string_view text) { return text[0] == 0 ? 0 : size_of_utf8(text); }

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

std::string hex_of(ByteView bytes) { return "\\x" + to_hex(bytes); }

Bytes bytes_of_hex(std::string_view hex) {
    if (!hex.starts_with("\\x")) return {};
    return from_hex(hex.substr(2)).value_or(Bytes{});
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
