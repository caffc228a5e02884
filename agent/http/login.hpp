#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/time.hpp"
#include "agent/host/loop.hpp"
#include "agent/host/metrics.hpp"
#include "agent/http/backoff.hpp"
#include "agent/http/passwords.hpp"
#include "agent/http/server.hpp"
#include "agent/http/sessions.hpp"

namespace vitrine::http {

struct LoginOptions {
    std::string prefix = "/api/v1/staff";
    /// Cookies do not know ports: two servers of one host need two names.
    std::string cookie = "vitrine-staff";
    bool secure = false;  ///< Adds `Secure`: set it where the server is reached by TLS.
    Sessions::Policy sessions;
    Backoff::Policy per_user{.longest = std::chrono::milliseconds(60'000)};
    Backoff::Policy per_peer{.free_failures = 10};
    std::size_t waiting_max = 16;  ///< Logins that wait for their password to be checked.
};

enum class LoginOutcome : std::uint8_t { succeeded, failed, held_off, logged_out };

/// What a login asks of the daemon.
struct LoginHooks {
    /// The Argon2id hash of a user's password; nothing for an unknown user.
    std::function<std::optional<std::string>(const StaffId&)> hash_of;
    /// For the audit; may be empty. A name that is no known user's is empty here.
    std::function<void(const StaffId&, LoginOutcome)> audit;
};

/// Logging in with a name and a password:
///
///   POST {prefix}/login    {"user":…,"password":…} → 200 {"user":…} and a cookie, or 401, 429, 503
///   POST {prefix}/logout   → 204
///   GET  {prefix}/session  → 200 {"user":…}, or 401
///
/// The cookie is HttpOnly, SameSite=Strict and lives as long as the session. Against requests
/// forged by other pages each POST also needs the header `X-Vitrine: 1`, which a foreign page
/// cannot send. An unknown user costs the same work as a wrong password. Failures are held off by
/// user and by client. Lives as long as the server.
class Login {
  public:
    Login(host::Loop& loop, const Clock& clock, host::Metrics& metrics, Server& server,
          LoginHooks hooks, LoginOptions options = {});

    /// The logged-in user; the session is thereby not idle.
    std::optional<StaffId> user_of(const Request& request);

    /// For a stream: says whether this request's session still lives, without being a use of it.
    std::function<bool()> still_in(const Request& request) const;

    using UserHandler = std::function<Response(const StaffId&, const Request&)>;
    /// The handler for logged-in users; 401 for others, 403 for a forged POST.
    Router::Handler require(UserHandler handler);

    /// Called after each logout, so that streams of ended sessions can be closed.
    void on_logout(std::function<void()> hook) { on_logout_ = std::move(hook); }

    std::size_t sessions() const { return sessions_.size(); }

  private:
    struct Attempt {
        std::string user;
        std::string peer;
        StaffId staff;  ///< Empty for an unknown user.
    };
    void log_in(const Request& request, Reply reply);
    void finish(const Attempt& attempt, bool fits, Reply& reply);
    Response log_out(const Request& request);
    void note(const StaffId& user, LoginOutcome outcome);
    std::string_view cookie_of(const Request& request) const;
    std::string set_cookie(std::string_view value, std::chrono::seconds lifetime) const;

    const Clock& clock_;
    const LoginHooks hooks_;
    const LoginOptions options_;
    Sessions sessions_;
    Backoff per_user_;
    Backoff per_peer_;
    PasswordDesk desk_;
    std::function<void()> on_logout_;
    std::array<host::Counter, 4> outcomes_;
};

}  // namespace vitrine::http
