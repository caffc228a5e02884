#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "agent/host/metrics.hpp"
#include "agent/http/event_channel.hpp"
#include "agent/http/login.hpp"
#include "agent/http/server.hpp"
#include "agent/http/static_files.hpp"
#include "agent/http/users_file.hpp"
#include "sync/central/audit.hpp"
#include "sync/central/experiments.hpp"
#include "sync/central/overview.hpp"
#include "sync/central/pace.hpp"

namespace vitrine::central {

/// Head office's pages: GET /console, and for who is logged in
///
///   GET  /api/v1/overview, and its stream /events/overview
///   GET  /api/v1/experiments
///   GET  /api/v1/fairness
///   POST /api/v1/fairness/findings/{id}/sign-off   {"reason":…} → 204; 400, 404, 409
class Console {
  public:
    struct Settings {
        std::string address = "127.0.0.1";
        std::uint16_t port = 8090;
        std::string ui;     ///< Folder of the built pages.
        std::string users;  ///< File of names and password hashes; empty: nobody may log in.
    };

    /// What the pages show and change.
    struct Parts {
        Overview& overview;
        Audit& audit;
        Experiments& experiments;
    };

    /// `not_found` without the pages, `unavailable` where the port is taken.
    static Result<std::unique_ptr<Console>> open(const Settings& settings, host::Loop& loop,
                                                 const Clock& clock, host::Metrics& metrics,
                                                 host::Log& log, const Parts& parts);

    /// Shows the present state on all open pages.
    void refresh();
    /// The same where something changed and somebody looks, at its pace.
    void tick(std::uint64_t revision, Instant now);
    std::uint16_t port() const { return server_.port(); }
    void stop(std::function<void()> done) {
        server_.stop(std::chrono::milliseconds(500), std::move(done));
    }

  private:
    Console(http::StaticFiles ui, http::Users users, host::Loop& loop, const Clock& clock,
            host::Metrics& metrics, host::Log& log, const Parts& parts);
    void add_routes(host::Metrics& metrics);
    void add_fairness_routes();
    http::Response sign_off(const StaffId& user, const http::Request& request);

    http::StaticFiles ui_;
    http::Users users_;
    const Clock& clock_;
    host::Log& log_;
    Overview& overview_;
    Audit& audit_;
    Experiments& experiments_;
    http::Server server_;
    http::Login login_;
    http::EventChannel channel_;
    std::uint64_t revision_ = 0;
    Pace pace_;
};

}  // namespace vitrine::central
