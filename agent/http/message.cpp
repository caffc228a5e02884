#include "agent/http/message.hpp"

#include <array>

#include <nlohmann/json.hpp>

namespace vitrine::http {
namespace {

constexpr std::size_t kFieldsMax = 32;

std::optional<std::string_view> find(const Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields) {
        if (key == name) return value;
    }
    return std::nullopt;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Takes the part before the separator off the front of `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

unsigned status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return 400;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::unavailable:
            return 503;
        case ErrorCode::denied:
            return 403;
        case ErrorCode::exhausted:
            return 429;
        case ErrorCode::corrupt:
            return 500;
        case ErrorCode::conflict:
            return 409;
    }
    return 500;
}

}  // namespace

std::string_view name_of(Method method) {
    constexpr std::array<std::string_view, 6> kNames{"GET", "HEAD",  "POST",
                                                     "PUT", "PATCH", "DELETE"};
    return kNames[static_cast<std::size_t>(method)];
}

std::string_view Request::param(std::string_view name) const {
    return find(params, name).value_or(std::string_view());
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
    return find(query, name);
}

std::optional<std::string_view> Request::header(std::string_view name) const {
    return find(headers, name);
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    return find(cookies, name);
}

bool Request::has_json() const {
    std::string_view type = header("content-type").value_or("");
    return trimmed(take_until(type, ';')) == "application/json";
}

Response Response::json(std::string body, unsigned status) {
    return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

Response Response::text(std::string body, unsigned status) {
    return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body)};
}

Response Response::nothing() { return {.status = 204}; }

Response Response::redirect(std::string location) {
    Response response{.status = 302};
    response.headers.emplace_back("Location", std::move(location));
    return response;
}

Response Response::error(unsigned status, std::string_view code, std::string_view message) {
    const nlohmann::ordered_json body{{"error", {{"code", code}, {"message", message}}}};
    return json(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), status);
}

Response Response::error(const Error& error) {
    return Response::error(status_of(error.code), name_of(error.code), error.message);
}

Response Response::retry_later(unsigned status, std::chrono::nanoseconds after,
                               std::string_view message) {
    Response response = error(status, name_of(ErrorCode::exhausted), message);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(after).count();
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
    return response;
}

Result<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : digit_of(text[i + 2]);
        if (low < 0) return invalid("a broken %-escape");
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (decoded.find('\0') != std::string::npos) return invalid("a NUL in an address");
    return decoded;
}

Result<Fields> parse_query(std::string_view text) {
    Fields fields;
    while (!text.empty()) {
        std::string part(take_until(text, '&'));
        if (part.empty()) continue;
        if (fields.size() == kFieldsMax) return invalid("more than 32 fields in a query");
        for (char& c : part) {
            if (c == '+') c = ' ';
        }
        std::string_view value = part;
        const std::string_view name = take_until(value, '=');
        fields.emplace_back(TRY(percent_decode(name)), TRY(percent_decode(value)));
    }
    return fields;
}

Fields parse_cookies(std::string_view header) {
    Fields cookies;
    while (!header.empty() && cookies.size() < kFieldsMax) {
        std::string_view value = take_until(header, ';');
        if (value.find('=') == std::string_view::npos) continue;
        const std::string_view name = trimmed(take_until(value, '='));
        cookies.emplace_back(name, trimmed(value));
    }
    return cookies;
}

}  // namespace vitrine::http
