#include "agent/daemon/web.hpp"

#include <algorithm>
#include <cctype>

#include "agent/http/screen_json.hpp"
#include "agent/http/touch_json.hpp"
#include "agent/identity/checkin_text.hpp"

namespace vitrine::daemon {

using http::Method;
using http::Request;
using http::Response;

namespace {

constexpr std::size_t kCheckInBytesMax = 512;

/// Behind one address may be a whole shop's guests; an answer that is wrong is worth no second try
/// with the same challenge anyway.
constexpr http::Backoff::Policy kCheckInTries{.free_failures = 20,
                                              .longest = std::chrono::milliseconds(30'000)};

std::string claim_json(const ClaimAnswer& answer) {
    return "{\"state\":\"" + std::string(engine::name_of(answer.state)) +
           "\",\"offer\":" + (answer.card ? http::to_json(*answer.card) : "null") + ",\"code\":\"" +
           answer.code + "\"}";
}

bool is_token(std::string_view token) {
    return token.size() == 32 &&
           std::ranges::all_of(token, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

}  // namespace

Web::Web(http::StaticFiles ui, http::Users users, host::Loop& loop, const Clock& clock,
         host::Metrics& metrics, host::Log& log, WebHooks hooks)
    : ui_(std::move(ui)),
      users_(std::move(users)),
      clock_(clock),
      log_(log),
      hooks_(std::move(hooks)),
      server_(loop, metrics),
      check_in_tries_(kCheckInTries) {}

Result<std::unique_ptr<Web>> Web::open(const Config& config, http::Users users, host::Loop& loop,
                                       const Clock& clock, host::Metrics& metrics, host::Log& log,
                                       WebHooks hooks) {
    auto ui = TRY(http::StaticFiles::list(config.ui).within("http.ui"));
    std::unique_ptr<Web> web(
        new Web(std::move(ui), std::move(users), loop, clock, metrics, log, std::move(hooks)));
    Web* const self = web.get();
    std::vector<KioskId> kiosks;
    for (const presence::Kiosk& each : config.layout.kiosks) kiosks.push_back(each.id);

    http::add_operator_routes(web->server_.router(), metrics, web->hooks_.health);
    web->kiosks_.emplace(
        loop, metrics, web->server_, kiosks, web->ui_,
        http::KioskHooks{.touch = web->hooks_.touch, .alive = [](const http::Alive&) {}});
    web->login_.emplace(
        loop, clock, metrics, web->server_,
        http::LoginHooks{
            .hash_of = [self](const StaffId& user) { return self->users_.hash_of(user); },
            .audit =
                [self](const StaffId& user, http::LoginOutcome outcome) {
                    self->log_.info(outcome == http::LoginOutcome::succeeded ? "staff logged in"
                                                                             : "staff login",
                                    {{"user", user}, {"outcome", static_cast<int>(outcome)}});
                }});
    web->staff_.emplace(loop, metrics, web->server_, *web->login_, web->ui_,
                        web->hooks_.staff_looked);
    web->add_claim_routes();
    web->add_check_in_routes();
    if (web->hooks_.steer) web->add_demo_routes();
    web->ui_.serve(web->server_.router(), "/assets");
    web->ui_.serve(web->server_.router(), "/images");
    TRY(web->server_.listen(config.http_address, config.http_port));
    return web;
}

void Web::add_claim_routes() {
    http::Router& router = server_.router();
    router.add(Method::get, "/c/{token}",
               [this](const Request& request) { return ui_.get(request, "claim.html"); });
    const auto answer = [this](const Request& request, bool use) {
        const std::string_view token = request.param("token");
        return Response::json(
            claim_json(is_token(token) ? hooks_.claim(token, use) : ClaimAnswer{}));
    };
    router.add(Method::get, "/api/v1/claims/{token}",
               [answer](const Request& request) { return answer(request, false); });
    router.add(Method::post, "/api/v1/claims/{token}", [answer](const Request& request) {
        if (!request.header("x-vitrine"))
            return Response::error(403, "forged", "the header X-Vitrine is missing");
        return answer(request, true);
    });
}

void Web::add_check_in_routes() {
    http::Router& router = server_.router();
    // For a phone that has no app for this address. The challenge is none of the page's business.
    router.add(Method::get, "/i/{challenge}",
               [this](const Request& request) { return ui_.get(request, "check-in.html"); });
    router.add(Method::post, "/api/v1/check-in",
               [this](const Request& request) { return take_check_in(request); });
}

Response Web::take_check_in(const Request& request) {
    if (!request.has_json())
        return Response::error(415, "invalid", "Content-Type must be application/json");
    if (request.body.size() > kCheckInBytesMax)
        return Response::error(413, "too_large", "the body is too large");
    const Instant at = clock_.monotonic();
    const auto wait = check_in_tries_.wait(request.peer, at);
    if (wait > std::chrono::nanoseconds(0))
        return Response::retry_later(429, wait, "too many check-ins that were wrong");
    const auto text = http::parse_check_in(request.body);
    if (!text) return Response::error(text.error());
    const auto claim = identity::check_in_from_text(*text);
    const auto outcome = claim ? hooks_.check_in(*claim) : identity::CheckInOutcome::malformed;
    if (outcome == identity::CheckInOutcome::welcome) {
        check_in_tries_.succeeded(request.peer);
    } else {
        check_in_tries_.failed(request.peer, at);
    }
    return Response::json("{\"outcome\":\"" + std::string(identity::name_of(outcome)) + "\"}");
}

void Web::add_demo_routes() {
    http::Router& router = server_.router();
    router.add(Method::get, "/demo/shoppers", [this](const Request& request) {
        if (!request.from_loopback) return Response::error(403, "denied", "on this machine only");
        return Response::json(hooks_.shoppers());
    });
    router.add(Method::post, "/demo/shoppers/{label}/{place}", [this](const Request& request) {
        if (!request.from_loopback || !request.header("x-vitrine")) {
            return Response::error(403, "denied",
                                   "on this machine only, with the header X-Vitrine");
        }
        const auto steered = hooks_.steer(request.param("label"), request.param("place"));
        return steered ? Response::nothing() : Response::error(steered.error());
    });
}

}  // namespace vitrine::daemon
