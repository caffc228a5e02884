#pragma once

#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/http/client.hpp"

namespace vitrine::http {

/// An address as people write it: `http://host[:port][/path]` or `https://…`.
struct Url {
    bool secure = false;
    std::string host;
    std::string port;
    /// Begins with a slash; the query is part of it.
    std::string path = "/";
    friend bool operator==(const Url&, const Url&) = default;
};

/// `invalid` for another scheme, user names, a fragment, no host, a port that is no number, or
/// characters that may not stand in an address.
Result<Url> parse_url(std::string_view text);

/// Sends JSON by POST, for tools: it blocks for at most ten seconds. A server that speaks TLS must
/// show a certificate for its host, by an authority of this system or of `ca_file` (PEM; empty:
/// none). Errors as `fetch`, and `invalid` for a `ca_file` that cannot be read. No redirect is
/// followed.
Result<Fetched> post_json(const Url& url, const std::string& json, const std::string& ca_file);

}  // namespace vitrine::http
