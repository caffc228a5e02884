#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/http/event_channel.hpp"
#include "agent/http/server.hpp"
#include "agent/http/static_files.hpp"
#include "agent/http/touch_json.hpp"
#include "agent/session/screen.hpp"
#include "agent/session/touch.hpp"

namespace vitrine::http {

/// What the kiosk routes ask of the daemon.
struct KioskHooks {
    /// A touch, to be answered once what follows from it is committed: 204 or the error's status.
    std::function<Result<void>(const session::Touch&)> touch;
    /// A page that painted (REQUIREMENTS K2).
    std::function<void(const Alive&)> alive;
};

/// What a kiosk's page uses:
///
///   GET  /kiosk/{id}                  the page, `kiosk.html` of the user interface's folder
///   GET  /events/kiosk/{id}           the screens, as events `screen`
///   POST /api/v1/kiosks/{id}/touches  a touch as in touch_json.hpp
///   POST /api/v1/kiosks/{id}/alive    painted frames as in touch_json.hpp
///
/// POST takes JSON only, which a foreign page cannot send without asking. A kiosk that is not in
/// the list is 404. Lives as long as the server.
class KioskRoutes {
  public:
    KioskRoutes(host::Loop& loop, host::Metrics& metrics, Server& server,
                const std::vector<KioskId>& kiosks, const StaticFiles& ui, KioskHooks hooks);

    /// Shows the screen on the pages of its kiosk, and to pages that come later. A kiosk that is
    /// not in the list is a bug.
    void publish(const session::Screen& screen);

    /// The pages that follow a kiosk now.
    std::size_t pages(KioskId kiosk) const;

  private:
    EventChannel* channel_of(const Request& request);
    Response take_touch(const Request& request);
    Response take_alive(const Request& request);

    const StaticFiles& ui_;
    KioskHooks hooks_;
    std::unordered_map<KioskId, std::unique_ptr<EventChannel>> channels_;
};

/// What an operator and the service's monitoring use:
///
///   GET /healthz   200 or 503 with what `health` says
///   GET /metrics   the metrics; to this machine only
struct Health {
    bool ok = true;
    std::string detail;
};
void add_operator_routes(Router& router, const host::Metrics& metrics,
                         std::function<Health()> health);
/// What /metrics answers: 403 to another machine.
Response answer_metrics(const Request& request, const host::Metrics& metrics);

}  // namespace vitrine::http
