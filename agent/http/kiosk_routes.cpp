#include "agent/http/kiosk_routes.hpp"

#include "agent/base/check.hpp"
#include "agent/http/screen_json.hpp"

namespace vitrine::http {
namespace {

constexpr std::size_t kTouchBytesMax = 1024;

Response no_such_kiosk() { return Response::error(not_found("no such kiosk")); }

/// Nothing where the request may be read.
std::optional<Response> refuse_body(const Request& request) {
    if (!request.has_json()) {
        return Response::error(415, "invalid", "Content-Type must be application/json");
    }
    if (request.body.size() > kTouchBytesMax) {
        return Response::error(413, "too_large", "the body is too large");
    }
    return std::nullopt;
}

}  // namespace

KioskRoutes::KioskRoutes(host::Loop& loop, host::Metrics& metrics, Server& server,
                         const std::vector<KioskId>& kiosks, const StaticFiles& ui,
                         KioskHooks hooks)
    : ui_(ui), hooks_(std::move(hooks)) {
    for (const KioskId& kiosk : kiosks) {
        EventChannel::Options options{.event = "screen"};
        options.open_streams = metrics.gauge(
            "vitrine_kiosk_streams", "Pages that follow a kiosk's screen", {{"kiosk", kiosk}});
        options.skipped_states =
            metrics.counter("vitrine_kiosk_screens_skipped_total",
                            "Screens that a page was too slow to see", {{"kiosk", kiosk}});
        channels_.emplace(kiosk, std::make_unique<EventChannel>(loop, std::move(options)));
    }
    Router& router = server.router();
    router.add(Method::get, "/kiosk/{id}", [this](const Request& request) {
        return channel_of(request) == nullptr ? no_such_kiosk() : ui_.get(request, "kiosk.html");
    });
    router.add_async(Method::get, "/events/kiosk/{id}",
                     [this](const Request& request, Reply reply) {
                         EventChannel* channel = channel_of(request);
                         if (channel == nullptr) return reply.send(no_such_kiosk());
                         reply.stream(*channel);
                     });
    router.add(Method::post, "/api/v1/kiosks/{id}/touches",
               [this](const Request& request) { return take_touch(request); });
    router.add(Method::post, "/api/v1/kiosks/{id}/alive",
               [this](const Request& request) { return take_alive(request); });
}

EventChannel* KioskRoutes::channel_of(const Request& request) {
    const Result<KioskId> kiosk = KioskId::parse(request.param("id"));
    if (!kiosk) return nullptr;
    const auto found = channels_.find(*kiosk);
    return found == channels_.end() ? nullptr : found->second.get();
}

Response KioskRoutes::take_touch(const Request& request) {
    if (channel_of(request) == nullptr) return no_such_kiosk();
    if (auto refusal = refuse_body(request)) return std::move(*refusal);
    const auto touch = parse_touch(KioskId::parse(request.param("id")).value(), request.body);
    if (!touch) return Response::error(touch.error());
    const Result<void> done = hooks_.touch(*touch);
    return done ? Response::nothing() : Response::error(done.error());
}

Response KioskRoutes::take_alive(const Request& request) {
    if (channel_of(request) == nullptr) return no_such_kiosk();
    if (auto refusal = refuse_body(request)) return std::move(*refusal);
    const auto alive = parse_alive(KioskId::parse(request.param("id")).value(), request.body);
    if (!alive) return Response::error(alive.error());
    if (hooks_.alive) hooks_.alive(*alive);
    return Response::nothing();
}

void KioskRoutes::publish(const session::Screen& screen) {
    const auto found = channels_.find(screen.kiosk);
    CHECK(found != channels_.end());
    found->second->publish(screen.revision, to_json(screen));
}

std::size_t KioskRoutes::pages(KioskId kiosk) const {
    const auto found = channels_.find(kiosk);
    return found == channels_.end() ? 0 : found->second->streams();
}

void add_operator_routes(Router& router, const host::Metrics& metrics,
                         std::function<Health()> health) {
    router.add(Method::get, "/healthz", [health = std::move(health)](const Request&) {
        const Health now = health();
        return Response::text(now.detail + "\n", now.ok ? 200 : 503);
    });
    router.add(Method::get, "/metrics",
               [&metrics](const Request& request) { return answer_metrics(request, metrics); });
}

Response answer_metrics(const Request& request, const host::Metrics& metrics) {
    if (!request.from_loopback) return Response::error(denied("only from this machine"));
    Response response = Response::text(metrics.exposition());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return response;
}

}  // namespace vitrine::http
