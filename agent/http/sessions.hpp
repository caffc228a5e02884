#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"

namespace vitrine::http {

/// 32 bytes that nobody can guess: the secret in a session's cookie.
using SessionSecret = std::array<std::uint8_t, 32>;

/// Who is logged in. A session ends when it is idle, when it is old, or at logout. The table knows
/// digests of the secrets, so that looking one up tells nothing by its timing.
class Sessions {
  public:
    struct Policy {
        std::chrono::minutes idle{15};
        std::chrono::minutes absolute{480};
        std::size_t sessions_max = 256;  ///< The one idle longest gives way.
        std::size_t per_user_max = 8;    ///< Likewise.
    };

    explicit Sessions(Policy policy) : policy_(policy) {}

    /// Gives what the cookie carries.
    std::string open(const StaffId& user, const SessionSecret& secret, Instant now);
    /// The user of a living session, which is thereby not idle.
    std::optional<StaffId> use(std::string_view cookie, Instant now);
    /// The same without being a use.
    bool alive(std::string_view cookie, Instant now) const;
    void close(std::string_view cookie);
    std::size_t size() const { return sessions_.size(); }

  private:
    struct Session {
        StaffId user;
        Instant opened{};
        Instant used{};
    };
    bool ended(const Session& session, Instant now) const;
    void make_room(const StaffId& user, Instant now);

    const Policy policy_;
    std::map<Digest, Session> sessions_;
};

}  // namespace vitrine::http
