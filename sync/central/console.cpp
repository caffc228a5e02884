#include "sync/central/console.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "agent/http/kiosk_routes.hpp"

namespace vitrine::central {

using http::Method;
using http::Request;
using http::Response;

namespace {

/// The body's only field.
Result<std::string> reason_in(const Request& request) {
    if (!request.has_json()) return invalid("expected JSON");
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    if (!body.is_object() || body.size() != 1 || !body.contains("reason") ||
        !body["reason"].is_string()) {
        return invalid("expected an object with the text `reason`");
    }
    return body["reason"].get<std::string>();
}

}  // namespace

Result<std::unique_ptr<Console>> Console::open(const Settings& settings, host::Loop& loop,
                                               const Clock& clock, host::Metrics& metrics,
                                               host::Log& log, const Parts& parts) {
    auto ui = TRY(http::StaticFiles::list(settings.ui).within("--ui"));
    auto users = TRY(http::Users::load(settings.users));
    std::unique_ptr<Console> console(
        new Console(std::move(ui), std::move(users), loop, clock, metrics, log, parts));
    console->add_routes(metrics);
    TRY(console->server_.listen(settings.address, settings.port));
    return console;
}

Console::Console(http::StaticFiles ui, http::Users users, host::Loop& loop, const Clock& clock,
                 host::Metrics& metrics, host::Log& log, const Parts& parts)
    : ui_(std::move(ui)),
      users_(std::move(users)),
      clock_(clock),
      log_(log),
      overview_(parts.overview),
      audit_(parts.audit),
      experiments_(parts.experiments),
      server_(loop, metrics),
      login_(loop, clock, metrics, server_,
             {.hash_of = [this](const StaffId& user) { return users_.hash_of(user); },
              .audit =
                  [this](const StaffId& user, http::LoginOutcome outcome) {
                      log_.info("console login",
                                {{"user", user}, {"outcome", static_cast<int>(outcome)}});
                  }},
             {.prefix = "/api/v1", .cookie = "vitrine-console"}),
      channel_(loop, {.event = "overview"}) {
    login_.on_logout([this] { channel_.close_streams(); });
}

void Console::add_routes(host::Metrics& metrics) {
    http::Router& router = server_.router();
    http::add_operator_routes(router, metrics, [] { return http::Health{}; });
    router.add(Method::get, "/", [](const Request&) { return Response::redirect("/console"); });
    router.add(Method::get, "/console",
               [this](const Request& request) { return ui_.get(request, "console.html"); });
    router.add(Method::get, "/api/v1/overview",
               login_.require([this](const StaffId&, const Request&) {
                   const auto json = overview_.json(clock_.wall());
                   return json ? Response::json(*json) : Response::error(json.error());
               }));
    router.add_async(Method::get, "/events/overview",
                     [this](const Request& request, http::Reply reply) {
                         if (!login_.user_of(request))
                             return reply.send(Response::error(401, "denied", "not logged in"));
                         refresh();
                         reply.stream(channel_, {.allowed = login_.still_in(request)});
                     });
    server_.router().add(Method::get, "/api/v1/experiments",
                         login_.require([this](const StaffId&, const Request&) {
                             const auto json = experiments_.json(clock_.wall());
                             return json ? Response::json(*json) : Response::error(json.error());
                         }));
    add_fairness_routes();
    ui_.serve(router, "/assets");
    ui_.serve(router, "/images");
}

void Console::add_fairness_routes() {
    http::Router& router = server_.router();
    router.add(Method::get, "/api/v1/fairness",
               login_.require([this](const StaffId&, const Request&) {
                   const auto json = audit_.json();
                   return json ? Response::json(*json) : Response::error(json.error());
               }));
    router.add(Method::post, "/api/v1/fairness/findings/{id}/sign-off",
               login_.require([this](const StaffId& user, const Request& request) {
                   return sign_off(user, request);
               }));
}

Response Console::sign_off(const StaffId& user, const Request& request) {
    const std::string_view id = request.param("id");
    std::uint64_t finding = 0;
    const auto [end, code] = std::from_chars(id.data(), id.data() + id.size(), finding);
    if (code != std::errc{} || end != id.data() + id.size()) {
        return Response::error(404, "not_found", "no such finding");
    }
    const auto reason = reason_in(request);
    if (!reason) return Response::error(reason.error());
    const auto done = audit_.sign_off(finding, user, *reason, clock_.wall());
    if (!done) return Response::error(done.error());
    log_.notice("fairness finding signed off", {{"finding", finding}, {"user", user}});
    refresh();
    return Response::nothing();
}

void Console::tick(std::uint64_t revision, Instant now) {
    if (channel_.streams() == 0 || !pace_.is_due(revision, now)) return;
    refresh();
    pace_.made(revision, now, clock_.monotonic());
}

void Console::refresh() {
    const auto json = overview_.json(clock_.wall());
    if (!json) return log_.error("overview", {{"reason", json.error().message}});
    channel_.publish(++revision_, *json);
}

}  // namespace vitrine::central
