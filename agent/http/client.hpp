#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/result.hpp"

namespace vitrine::http {

/// Fetches a path from a server on this machine, for tools: it blocks for at most five seconds.
/// `unavailable` where nobody answers, `invalid` for an answer that is no HTTP or larger than a
/// megabyte. Any status is an answer.
struct Fetched {
    unsigned status = 0;
    std::string body;
};
Result<Fetched> fetch(std::uint16_t port, std::string_view path);

}  // namespace vitrine::http
