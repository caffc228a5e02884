#pragma once

#include <functional>
#include <string>

#include "agent/http/event_channel.hpp"
#include "agent/http/login.hpp"
#include "agent/http/server.hpp"
#include "agent/http/static_files.hpp"
#include "agent/session/staff.hpp"

namespace vitrine::http {

/// What a member of staff uses, once logged in:
///
///   GET /staff                 the page, `staff.html` of the user interface's folder; it logs in
///   GET /api/v1/staff/members  the board as it is now
///   GET /events/staff          the boards, as events `board`; closed when the session ends
///
/// Each time a board is handed out, `looked` is told who saw it (REQUIREMENTS P12). Lives as long
/// as the server.
class StaffRoutes {
  public:
    using Looked = std::function<void(const StaffId&)>;

    StaffRoutes(host::Loop& loop, host::Metrics& metrics, Server& server, Login& login,
                const StaticFiles& ui, Looked looked);

    void publish(const session::StaffBoard& board);

  private:
    void follow(const Request& request, Reply reply);

    Login& login_;
    const Looked looked_;
    EventChannel channel_;
    std::string board_;
};

}  // namespace vitrine::http
