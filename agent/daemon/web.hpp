#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/daemon/config.hpp"
#include "agent/engine/claims.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "agent/host/metrics.hpp"
#include "agent/http/backoff.hpp"
#include "agent/http/kiosk_routes.hpp"
#include "agent/http/login.hpp"
#include "agent/http/server.hpp"
#include "agent/http/staff_routes.hpp"
#include "agent/http/static_files.hpp"
#include "agent/http/users_file.hpp"
#include "agent/identity/checkin_bytes.hpp"

namespace vitrine::daemon {

/// What a phone hears of a claim.
struct ClaimAnswer {
    engine::ClaimState state = engine::ClaimState::unknown;
    std::optional<session::Card> card;
    std::string code;  ///< What the till takes: for the one who claims, and empty for all others.
};

/// What the shop's pages ask for.
struct WebHooks {
    std::function<Result<void>(const session::Touch&)> touch;
    std::function<void(const StaffId&)> staff_looked;
    std::function<ClaimAnswer(std::string_view token, bool use)> claim;
    std::function<identity::CheckInOutcome(const identity::CheckIn&)> check_in;
    std::function<http::Health()> health;
    /// Steers a simulated shopper; empty outside a demonstration.
    std::function<Result<void>(std::string_view label, std::string_view place)> steer;
    std::function<std::string()> shoppers;  ///< Where they are, as JSON.
};

/// The shop's pages: kiosks, staff, vouchers, and what an operator asks for.
class Web {
  public:
    /// `not_found` without a user interface, `unavailable` where the port is taken.
    static Result<std::unique_ptr<Web>> open(const Config& config, http::Users users,
                                             host::Loop& loop, const Clock& clock,
                                             host::Metrics& metrics, host::Log& log,
                                             WebHooks hooks);

    void publish(const session::Screen& screen) { kiosks_->publish(screen); }
    void publish(const session::StaffBoard& board) { staff_->publish(board); }
    std::uint16_t port() const { return server_.port(); }
    void stop(std::function<void()> done) {
        server_.stop(std::chrono::milliseconds(500), std::move(done));
    }

  private:
    Web(http::StaticFiles ui, http::Users users, host::Loop& loop, const Clock& clock,
        host::Metrics& metrics, host::Log& log, WebHooks hooks);
    void add_claim_routes();
    void add_check_in_routes();
    http::Response take_check_in(const http::Request& request);
    void add_demo_routes();

    http::StaticFiles ui_;
    http::Users users_;
    const Clock& clock_;
    host::Log& log_;
    WebHooks hooks_;
    http::Server server_;
    http::Backoff check_in_tries_;
    std::optional<http::Login> login_;
    std::optional<http::KioskRoutes> kiosks_;
    std::optional<http::StaffRoutes> staff_;
};

}  // namespace vitrine::daemon
