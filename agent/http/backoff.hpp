#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/base/time.hpp"

namespace vitrine::http {

/// How long somebody who failed has to wait before the next try: nothing for the first failures,
/// then twice as long each time. Keyed by a user's name or a client's address; bounded, and what
/// has been quiet is forgotten.
class Backoff {
  public:
    struct Policy {
        std::uint32_t free_failures = 5;
        std::chrono::milliseconds first{1000};
        std::chrono::milliseconds longest{900'000};
        std::chrono::milliseconds forget_after{900'000};  ///< From the end of the last wait.
        std::size_t keys_max = 4096;  ///< The one that failed longest ago gives way.
    };

    explicit Backoff(Policy policy) : policy_(policy) {}

    /// Zero where a try is allowed now.
    std::chrono::nanoseconds wait(std::string_view key, Instant now) const;
    void failed(std::string_view key, Instant now);
    void succeeded(std::string_view key);
    std::size_t size() const { return failures_.size(); }

  private:
    struct Failures {
        std::uint32_t count = 0;
        Instant last{};
        Instant until{};
    };
    void make_room(Instant now);

    const Policy policy_;
    std::unordered_map<std::string, Failures> failures_;
};

}  // namespace vitrine::http
