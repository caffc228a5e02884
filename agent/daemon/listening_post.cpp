#include "agent/daemon/listening_post.hpp"

#include <unistd.h>

#include "agent/daemon/broker.hpp"
#include "drivers/gateway/topics.hpp"

namespace vitrine::daemon {

using namespace std::chrono_literals;

Result<std::unique_ptr<ListeningPost>> ListeningPost::open(Config config, host::Loop& loop,
                                                           const Clock& clock, host::Log& log) {
    // Only spreads reconnects: two machines must differ, no secret hangs on it.
    const auto ticks = static_cast<std::uint64_t>(clock.monotonic().time_since_epoch().count());
    const std::uint64_t seed =
        config.seed.value_or(ticks ^ static_cast<std::uint64_t>(::getpid()) << 40);
    std::unique_ptr<ListeningPost> post(new ListeningPost(std::move(config), loop, log, seed));
    const Config& made = post->config_;
    ListeningPost* const self = post.get();
    post->link_ =
        TRY(mqtt::PahoLink::create(centre_broker(made), loop, post->rng_,
                                   [self](const uplink::LinkEvent& event) { self->on(event); }));
    std::vector<std::string> topics;
    for (const presence::Scanner& each : made.layout.scanners) {
        topics.push_back(gateway::scanner_topic(made.tenant, made.store, each.id));
    }
    post->publisher_ = std::make_unique<gateway::AdvertPublisher>(*post->link_, std::move(topics));
    post->radio_ = TRY(make_radio(made, loop, clock, log, seed));
    return post;
}

ListeningPost::ListeningPost(Config config, host::Loop& loop, host::Log& log, std::uint64_t seed)
    : config_(std::move(config)), loop_(loop), log_(log), rng_(seed) {}

Result<void> ListeningPost::start() {
    if (!radio_.scanner) return invalid("radio.source is none: a scanner needs a radio");
    timers_.push_back(loop_.every(100ms, [this] { publisher_->flush(); }));
    timers_.push_back(loop_.every(30s, [this] {
        if (radio_.scanner->state().hearing()) publisher_->sign_of_life();
    }));
    return radio_.scanner->start(*publisher_);
}

void ListeningPost::stop(const host::Loop::Function& done) {
    timers_.clear();
    radio_.scanner->stop();
    publisher_->flush();
    done();
}

void ListeningPost::on(const uplink::LinkEvent& event) {
    if (std::holds_alternative<uplink::LinkUp>(event)) log_.notice("broker reachable");
    if (const auto* down = std::get_if<uplink::LinkDown>(&event)) {
        log_.warning("broker out of reach: nobody hears what is heard here",
                     {{"reason", down->reason}});
    }
}

std::string ListeningPost::status() const {
    const gateway::AdvertPublisher::Counters& counters = publisher_->counters();
    return std::to_string(config_.layout.scanners.size()) + " scanners, radio " + state_of(radio_) +
           ", broker " + (link_->is_up() ? "reachable" : "out of reach") + ", " +
           std::to_string(counters.published) + " of " + std::to_string(counters.heard) +
           " adverts published";
}

}  // namespace vitrine::daemon
