#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "agent/base/result.hpp"
#include "agent/host/loop.hpp"
#include "agent/host/mailbox.hpp"

namespace vitrine::http {

inline constexpr std::size_t kPasswordBytesMax = 256;

/// Argon2id with 19 MiB and two passes: the least that OWASP's Password Storage Cheat Sheet (2023)
/// recommends, because a kiosk's memory is small. Takes some 30 ms. `invalid` on a password of
/// under 8 or over 256 bytes, `exhausted` without memory.
Result<std::string> hash_password(std::string_view password);

/// Whether a hash was made by `hash_password`, with its parameters.
bool is_password_hash(std::string_view hash);

/// As long as hashing. False also where the hash is not one.
bool verify_password(const std::string& hash, std::string_view password);

/// A hash that no password fits: checking against it takes the time of a real one.
const std::string& nobodys_hash();

/// Checks passwords beside the loop, one at a time on a thread of its own, because one check takes
/// the time of hundreds of requests. At most `waiting_max` wait. Destroying it waits for the check
/// that is under way; the others are forgotten.
class PasswordDesk {
  public:
    using Done = std::function<void(bool fits)>;

    PasswordDesk(host::Loop& loop, std::size_t waiting_max);
    ~PasswordDesk();
    PasswordDesk(const PasswordDesk&) = delete;
    PasswordDesk& operator=(const PasswordDesk&) = delete;

    /// Calls `done` later, on the loop. False where too many wait: it is never called then.
    bool try_check(std::string hash, std::string password, Done done);

  private:
    struct Job {
        std::string hash;
        std::string password;
        Done done;
    };
    void start_next();
    enum class Verdict : std::uint8_t { wrong, fits };
    void finish(bool fits);

    const std::size_t waiting_max_;
    std::deque<Job> waiting_;
    Done under_way_;
    host::Mailbox<Verdict> results_;
    std::thread worker_;
};

}  // namespace vitrine::http
