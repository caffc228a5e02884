#include "agent/http/login.hpp"

#include <algorithm>
#include <memory>

#include <sodium.h>

#include "agent/base/check.hpp"
#include "agent/http/json_object.hpp"

namespace vitrine::http {
namespace {

constexpr std::size_t kUserBytesMax = 64;

bool is_from_our_page(const Request& request) { return request.header("x-vitrine") == "1"; }

Response forged() { return Response::error(403, "denied", "the header X-Vitrine: 1 is missing"); }

Response not_logged_in() { return Response::error(401, "denied", "not logged in"); }

Response user_json(const StaffId& user) {
    return Response::json(nlohmann::json{{"user", user.view()}}.dump());
}

}  // namespace

Login::Login(host::Loop& loop, const Clock& clock, host::Metrics& metrics, Server& server,
             LoginHooks hooks, LoginOptions options)
    : clock_(clock),
      hooks_(std::move(hooks)),
      options_(std::move(options)),
      sessions_(options_.sessions),
      per_user_(options_.per_user),
      per_peer_(options_.per_peer),
      desk_(loop, options_.waiting_max) {
    CHECK(sodium_init() >= 0);
    constexpr std::string_view kName = "vitrine_logins_total";
    constexpr std::string_view kHelp = "Logins and logouts by outcome";
    outcomes_ = {metrics.counter(kName, kHelp, {{"outcome", "succeeded"}}),
                 metrics.counter(kName, kHelp, {{"outcome", "failed"}}),
                 metrics.counter(kName, kHelp, {{"outcome", "held_off"}}),
                 metrics.counter(kName, kHelp, {{"outcome", "logged_out"}})};
    Router& router = server.router();
    router.add_async(
        Method::post, options_.prefix + "/login",
        [this](const Request& request, Reply reply) { log_in(request, std::move(reply)); });
    router.add(Method::post, options_.prefix + "/logout",
               [this](const Request& request) { return log_out(request); });
    router.add(Method::get, options_.prefix + "/session",
               require([](const StaffId& user, const Request&) { return user_json(user); }));
}

void Login::note(const StaffId& user, LoginOutcome outcome) {
    outcomes_[static_cast<std::size_t>(outcome)].add();
    if (hooks_.audit) hooks_.audit(user, outcome);
}

void Login::log_in(const Request& request, Reply reply) {
    if (!is_from_our_page(request)) return reply.send(forged());
    const auto object = JsonObject::parse(request.body, {"user", "password"});
    if (!object) return reply.send(Response::error(object.error()));
    auto user = object->text("user", kUserBytesMax);
    auto password = object->text("password", kPasswordBytesMax);
    if (!user) return reply.send(Response::error(user.error()));
    if (!password) return reply.send(Response::error(password.error()));

    Attempt attempt{.user = *user, .peer = request.peer};
    std::string hash = nobodys_hash();
    if (const auto staff = StaffId::parse(*user)) {
        if (auto known = hooks_.hash_of(*staff)) {
            attempt.staff = *staff;
            hash = std::move(*known);
        }
    }
    const Instant now = clock_.monotonic();
    const auto wait =
        std::max(per_user_.wait(attempt.user, now), per_peer_.wait(attempt.peer, now));
    if (wait > std::chrono::nanoseconds(0)) {
        note(attempt.staff, LoginOutcome::held_off);
        return reply.send(Response::retry_later(429, wait, "too many failures"));
    }
    // A std::function is copied, a Reply is not.
    const auto owed = std::make_shared<Reply>(std::move(reply));
    const bool accepted =
        desk_.try_check(std::move(hash), std::move(*password),
                        [this, attempt, owed](bool fits) { finish(attempt, fits, *owed); });
    if (!accepted) {
        return owed->send(Response::retry_later(503, std::chrono::seconds(1), "too many logins"));
    }
    // Counted as failed until it succeeds, so that many at once are held off like many in a row.
    per_user_.failed(attempt.user, now);
    per_peer_.failed(attempt.peer, now);
}

void Login::finish(const Attempt& attempt, bool fits, Reply& reply) {
    if (!fits || attempt.staff.empty()) {
        note(attempt.staff, LoginOutcome::failed);
        return reply.send(Response::error(401, "denied", "the name or the password is wrong"));
    }
    per_user_.succeeded(attempt.user);
    per_peer_.succeeded(attempt.peer);
    note(attempt.staff, LoginOutcome::succeeded);
    SessionSecret secret{};
    randombytes_buf(secret.data(), secret.size());
    const std::string value = sessions_.open(attempt.staff, secret, clock_.monotonic());
    Response response = user_json(attempt.staff);
    response.headers.emplace_back("Set-Cookie", set_cookie(value, options_.sessions.absolute));
    reply.send(std::move(response));
}

Response Login::log_out(const Request& request) {
    if (!is_from_our_page(request)) return forged();
    if (const auto user = user_of(request)) {
        sessions_.close(cookie_of(request));
        note(*user, LoginOutcome::logged_out);
        if (on_logout_) on_logout_();
    }
    Response response = Response::nothing();
    response.headers.emplace_back("Set-Cookie", set_cookie("", std::chrono::seconds(0)));
    return response;
}

std::string_view Login::cookie_of(const Request& request) const {
    return request.cookie(options_.cookie).value_or("");
}

std::string Login::set_cookie(std::string_view value, std::chrono::seconds lifetime) const {
    std::string cookie = options_.cookie + "=";
    cookie.append(value).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
    cookie.append(std::to_string(lifetime.count()));
    if (options_.secure) cookie += "; Secure";
    return cookie;
}

std::optional<StaffId> Login::user_of(const Request& request) {
    return sessions_.use(cookie_of(request), clock_.monotonic());
}

std::function<bool()> Login::still_in(const Request& request) const {
    return [this, cookie = std::string(cookie_of(request))] {
        return sessions_.alive(cookie, clock_.monotonic());
    };
}

Router::Handler Login::require(UserHandler handler) {
    return [this, handler = std::move(handler)](const Request& request) {
        const bool changes = request.method != Method::get && request.method != Method::head;
        if (changes && !is_from_our_page(request)) return forged();
        const auto user = user_of(request);
        return user ? handler(*user, request) : not_logged_in();
    };
}

}  // namespace vitrine::http
