#include "agent/daemon/web.hpp"

#include <algorithm>
#include <cctype>

#include "agent/http/screen_json.hpp"

namespace vitrine::daemon {

using http::Method;
using http::Request;
using http::Response;

namespace {

/// What a person reads to the till where it has no scanner: the first digits of the token.
std::string short_code(std::string_view token) {
    std::string code(token.substr(0, 8));
    std::ranges::transform(code, code.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return code;
}

/// `code` is what the till takes: for the one who claims, and empty for all who come after.
std::string claim_json(engine::ClaimState state, const std::optional<session::Card>& card,
                       std::string_view code) {
    return "{\"state\":\"" + std::string(engine::name_of(state)) +
           "\",\"offer\":" + (card ? http::to_json(*card) : "null") + ",\"code\":\"" +
           std::string(code) + "\"}";
}

bool is_token(std::string_view token) {
    return token.size() == 32 &&
           std::ranges::all_of(token, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

}  // namespace

Web::Web(http::StaticFiles ui, http::Users users, host::Loop& loop, host::Metrics& metrics,
         host::Log& log, WebHooks hooks)
    : ui_(std::move(ui)),
      users_(std::move(users)),
      log_(log),
      hooks_(std::move(hooks)),
      server_(loop, metrics) {}

Result<std::unique_ptr<Web>> Web::open(const Config& config, http::Users users, host::Loop& loop,
                                       const Clock& clock, host::Metrics& metrics, host::Log& log,
                                       WebHooks hooks) {
    auto ui = TRY(http::StaticFiles::list(config.ui).within("http.ui"));
    std::unique_ptr<Web> web(
        new Web(std::move(ui), std::move(users), loop, metrics, log, std::move(hooks)));
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
        if (!is_token(token))
            return Response::json(claim_json(engine::ClaimState::unknown, std::nullopt, ""));
        const auto [state, card] = hooks_.claim(token, use);
        const bool claimed = use && state == engine::ClaimState::ready;
        return Response::json(claim_json(state, card, claimed ? short_code(token) : ""));
    };
    router.add(Method::get, "/api/v1/claims/{token}",
               [answer](const Request& request) { return answer(request, false); });
    router.add(Method::post, "/api/v1/claims/{token}", [answer](const Request& request) {
        if (!request.header("x-vitrine"))
            return Response::error(403, "forged", "the header X-Vitrine is missing");
        return answer(request, true);
    });
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
