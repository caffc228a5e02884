#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del };
std::string_view name_of(Method method);

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One request, whole: a value that outlives its connection. Everything in it comes from outside.
struct Request {
    Method method = Method::get;
    std::string path;  ///< As it was sent, without the query.
    Fields params;     ///< What the route's `{name}`s stood for, percent-decoded.
    Fields query;      ///< Percent-decoded, in order.
    Fields headers;    ///< Names in lower case.
    Fields cookies;
    std::string body;
    std::string peer;  ///< The client's IP address.
    bool from_loopback = false;

    /// Empty where the route has no such parameter.
    std::string_view param(std::string_view name) const;
    std::optional<std::string_view> query_value(std::string_view name) const;
    std::optional<std::string_view> header(std::string_view name) const;
    std::optional<std::string_view> cookie(std::string_view name) const;
    /// Says whether the body is declared as JSON; parameters such as the charset are allowed.
    bool has_json() const;
};

/// One answer. The server adds Content-Length, the security headers, and `Cache-Control:
/// no-store` where nothing else is said.
struct Response {
    unsigned status = 200;
    std::string content_type;
    std::string body;
    Fields headers;
    std::filesystem::path file;  ///< Sent instead of the body where not empty.

    static Response json(std::string body, unsigned status = 200);
    static Response text(std::string body, unsigned status = 200);
    static Response nothing();  ///< 204
    static Response redirect(std::string location);
    /// `{"error":{"code":…,"message":…}}`
    static Response error(unsigned status, std::string_view code, std::string_view message);
    /// The status that suits the code: 400, 404, 503, 403, 429, 500, 409.
    static Response error(const Error& error);
    /// 429 or 503 with Retry-After, in whole seconds rounded up.
    static Response retry_later(unsigned status, std::chrono::nanoseconds after,
                                std::string_view message);
};

/// Decodes %XX; `invalid` on a broken escape or a NUL.
Result<std::string> percent_decode(std::string_view text);

/// Decodes `a=1&b=2`, with '+' as a blank; `invalid` on a broken escape or over 32 fields.
Result<Fields> parse_query(std::string_view text);

/// Reads a Cookie header; what is malformed in it is left out. At most 32.
Fields parse_cookies(std::string_view header);

}  // namespace vitrine::http
