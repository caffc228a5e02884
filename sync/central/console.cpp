#include "sync/central/console.hpp"

#include "agent/http/kiosk_routes.hpp"

namespace vitrine::central {

using http::Method;
using http::Request;
using http::Response;

Result<std::unique_ptr<Console>> Console::open(const Settings& settings, host::Loop& loop,
                                               const Clock& clock, host::Metrics& metrics,
                                               host::Log& log, Overview& overview) {
    auto ui = TRY(http::StaticFiles::list(settings.ui).within("--ui"));
    auto users = TRY(http::Users::load(settings.users));
    std::unique_ptr<Console> console(
        new Console(std::move(ui), std::move(users), loop, clock, metrics, log, overview));
    console->add_routes(metrics);
    TRY(console->server_.listen(settings.address, settings.port));
    return console;
}

Console::Console(http::StaticFiles ui, http::Users users, host::Loop& loop, const Clock& clock,
                 host::Metrics& metrics, host::Log& log, Overview& overview)
    : ui_(std::move(ui)),
      users_(std::move(users)),
      clock_(clock),
      log_(log),
      overview_(overview),
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
    ui_.serve(router, "/assets");
    ui_.serve(router, "/images");
}

void Console::refresh() {
    const auto json = overview_.json(clock_.wall());
    if (!json) return log_.error("overview", {{"reason", json.error().message}});
    channel_.publish(++revision_, *json);
}

}  // namespace vitrine::central
