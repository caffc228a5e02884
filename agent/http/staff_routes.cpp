#include "agent/http/staff_routes.hpp"

#include "agent/http/screen_json.hpp"

namespace vitrine::http {
namespace {

EventChannel::Options channel_options(host::Metrics& metrics) {
    EventChannel::Options options{.event = "board"};
    options.open_streams =
        metrics.gauge("vitrine_staff_streams", "Staff pages that follow the board");
    options.skipped_states = metrics.counter("vitrine_staff_boards_skipped_total",
                                             "Boards that a page was too slow to see");
    return options;
}

}  // namespace

StaffRoutes::StaffRoutes(host::Loop& loop, host::Metrics& metrics, Server& server, Login& login,
                         const StaticFiles& ui, Looked looked)
    : login_(login),
      looked_(std::move(looked)),
      channel_(loop, channel_options(metrics)),
      board_(to_json(session::StaffBoard{})) {
    Router& router = server.router();
    router.add(Method::get, "/staff",
               [&ui](const Request& request) { return ui.get(request, "staff.html"); });
    router.add(Method::get, "/api/v1/staff/members",
               login_.require([this](const StaffId& user, const Request&) {
                   looked_(user);
                   return Response::json(board_);
               }));
    router.add_async(Method::get, "/events/staff", [this](const Request& request, Reply reply) {
        follow(request, std::move(reply));
    });
    login_.on_logout([this] { channel_.close_disallowed(); });
}

void StaffRoutes::follow(const Request& request, Reply reply) {
    const auto user = login_.user_of(request);
    if (!user) return reply.send(Response::error(401, "denied", "not logged in"));
    reply.stream(channel_, {.on_state = [this, staff = *user] { looked_(staff); },
                            .allowed = login_.still_in(request)});
}

void StaffRoutes::publish(const session::StaffBoard& board) {
    board_ = to_json(board);
    channel_.publish(board.revision, board_);
}

}  // namespace vitrine::http
