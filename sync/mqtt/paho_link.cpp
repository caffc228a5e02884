#include "sync/mqtt/paho_link.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "agent/host/mailbox.hpp"
#include "sync/mqtt/paho_client.hpp"

namespace vitrine::mqtt {
namespace {

using std::chrono::milliseconds;
using uplink::Qos;
using uplink::Ticket;

constexpr std::size_t kInFlightMax = 64;
constexpr std::size_t kPassingMax =
    1024;  ///< At-most-once publications on their way to the socket.
constexpr std::size_t kReportsMax = 8192;  ///< Far above what the limits on publications allow.
constexpr std::size_t kSubscriptionsMax = 256;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kReasonsMax = 16;
constexpr milliseconds kFarewell{250};
constexpr std::chrono::seconds kSteadyAfter{5};  ///< A connection this old was a good one.

/// Topic, properties and fixed parts of a PUBLISH packet, generously.
std::size_t packet_bytes(const uplink::Publication& publication) {
    std::size_t bytes = kHeaderBytes + publication.topic.size() + publication.payload.size() +
                        publication.content_type.size();
    for (const auto& [name, value] : publication.user_properties) {
        bytes += 5 + name.size() + value.size();
    }
    return bytes;
}

Result<void> check_file(const std::string& path, const char* what) {
    if (access(path.c_str(), R_OK) == 0) return {};
    return invalid("mqtt: cannot read the " + std::string(what) + " '" + path + "'");
}

Result<void> check_tls(const Tls& tls) {
    TRY(check_file(tls.ca_file, "CA file"));
    if (!tls.cert_file.empty()) TRY(check_file(tls.cert_file, "certificate"));
    if (!tls.key_file.empty()) TRY(check_file(tls.key_file, "key"));
    return {};
}

/// `mqtt://host:port` or `mqtts://host:port`.
Result<void> check_broker(const Settings& settings) {
    const std::string_view url = settings.broker;
    const bool encrypted = url.starts_with("mqtts://");
    if (!encrypted && !url.starts_with("mqtt://")) {
        return invalid("mqtt: broker '" + settings.broker +
                       "' begins with neither mqtt:// nor mqtts://");
    }
    const std::string_view rest = url.substr(encrypted ? 8 : 7);
    const auto colon = rest.rfind(':');
    unsigned port = 0;
    const char* end = rest.data() + rest.size();
    const bool has_port = colon != std::string_view::npos && colon > 0 &&
                          std::from_chars(rest.data() + colon + 1, end, port).ptr == end;
    if (!has_port || port == 0 || port > 65535) {
        return invalid("mqtt: broker '" + settings.broker + "' is not mqtt://host:port");
    }
    if (encrypted != settings.tls.has_value()) {
        return invalid("mqtt: broker '" + settings.broker + "' and the TLS settings do not agree");
    }
    return encrypted ? check_tls(*settings.tls) : Result<void>();
}

Result<void> check_settings(const Settings& settings) {
    TRY(check_broker(settings));
    if (settings.client_id.empty()) return invalid("mqtt: the client id is empty");
    if (settings.in_flight_max == 0 || settings.in_flight_max > kInFlightMax) {
        return invalid("mqtt: in_flight_max is 1 to 64");
    }
    return {};
}

}  // namespace

/// A random share of a delay that doubles: a fleet that lost its broker does not return as one.
std::chrono::nanoseconds pause_before_attempt(const Settings& settings, unsigned failures,
                                              bool after_a_loss, Rng& rng) {
    const auto doubled = settings.reconnect_first * (1U << std::min(failures, 20U));
    const auto least = after_a_loss ? settings.spread : milliseconds(0);
    const std::chrono::nanoseconds longest =
        std::min<milliseconds>(std::max<milliseconds>(doubled, least), settings.reconnect_max);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(longest * rng.uniform());
}

struct PahoLink::State {
    State(Settings given, host::Loop& on_loop, Rng& random, Handler handler)
        : settings(std::move(given)),
          loop(on_loop),
          rng(random),
          on_event(std::move(handler)),
          reports(loop, kReportsMax,
                  [this](std::span<Report> some) {
                      for (Report& one : some) std::visit([this](auto& r) { take(r); }, one);
                  }),
          messages(loop, settings.inbound_max, [this](std::span<uplink::Message> some) {
              for (uplink::Message& one : some) take(one);
          }) {}

    void start();
    void connect();
    void reconnect_later();
    void resubscribe();
    void ask_again();
    void tell(const std::string& reason);
    void emit(uplink::LinkEvent event) { on_event(std::move(event)); }

    void post(uplink::Message message);  ///< On Paho's thread.
    void take(Connected& report);
    void take(Disconnected& report);
    void take(Delivered& report);
    void take(Refused& report);
    void take(SubscriptionRefused& report);
    void take(uplink::Message& message);

    Settings settings;
    host::Loop& loop;
    Rng& rng;
    Handler on_event;
    host::Timer reconnect;
    host::Timer steady;
    host::Timer again;

    std::uint64_t attempt = 0;  ///< The present connection, or attempt at one.
    unsigned failures = 0;      ///< Since the last good connection.
    bool was_good = false;      ///< There was one: the broker may have lost a whole fleet.
    bool trying = false;        ///< The attempt is neither up nor over.
    bool up = false;
    std::uint64_t tickets = 0;
    std::map<Ticket, Qos> open;         ///< Of the present connection.
    std::size_t acknowledged_open = 0;  ///< Of these, at-least-once.
    std::map<std::string, Qos> subscriptions;
    std::set<std::string> refused;  ///< Of these, by the broker; to be asked for again.
    std::size_t packet_bytes_max = 0;
    std::size_t window = 0;
    Counters counters;
    std::vector<std::string> told;  ///< Since the last connection.

    std::atomic<std::size_t> inbound_bytes{0};
    std::atomic<std::uint64_t> inbound_too_much{0};
    host::Mailbox<Report> reports;
    host::Mailbox<uplink::Message> messages;
    std::unique_ptr<PahoClient> client;  ///< Last: its threads end before the mailboxes.
};

void PahoLink::State::start() {
    reconnect = loop.after(milliseconds(0), [this] { connect(); });
}

void PahoLink::State::connect() {
    ++attempt;
    trying = true;
    if (auto started = client->connect(attempt); !started) {
        Disconnected report{attempt, started.error().message, false};
        take(report);
        return;
    }
    // Paho reports a failed attempt by itself; this is for the one that it forgets.
    steady = loop.after(3 * settings.connect_timeout, [this] {
        Disconnected report{attempt, "no answer from " + settings.broker, false};
        take(report);
    });
}

void PahoLink::State::reconnect_later() {
    reconnect =
        loop.after(pause_before_attempt(settings, failures, was_good, rng), [this] { connect(); });
    ++failures;
}

void PahoLink::State::resubscribe() {
    if (subscriptions.empty()) return;
    const std::vector<std::pair<std::string, Qos>> all(subscriptions.begin(), subscriptions.end());
    if (auto sent = client->subscribe(all); !sent) counters.last_trouble = sent.error().message;
}

/// Attempts go on for ever: what keeps them from succeeding is told once.
void PahoLink::State::tell(const std::string& reason) {
    counters.last_trouble = reason;
    const bool known = std::ranges::find(told, reason) != told.end();
    if (!settings.on_trouble || known || told.size() >= kReasonsMax) return;
    told.push_back(reason);
    settings.on_trouble(reason);
}

// Reports from Paho, on the loop.

void PahoLink::State::take(Connected& report) {
    if (report.attempt != attempt || !trying) return;
    trying = false;
    up = true;
    told.clear();
    ++counters.connects;
    packet_bytes_max = settings.packet_bytes_max;
    if (report.packet_bytes_max > 0) {
        packet_bytes_max = std::min<std::size_t>(packet_bytes_max, report.packet_bytes_max);
    }
    window = settings.in_flight_max;
    if (report.receive_max > 0) window = std::min<std::size_t>(window, report.receive_max);
    was_good = true;
    steady = loop.after(kSteadyAfter, [this] { failures = 0; });
    resubscribe();
    emit(uplink::LinkUp{});
}

void PahoLink::State::take(Disconnected& report) {
    if (report.attempt != attempt || (!trying && !up)) return;
    counters.last_trouble = report.reason;
    const bool was_up = std::exchange(up, false);
    trying = false;
    open.clear();
    acknowledged_open = 0;
    steady.cancel();
    again.cancel();
    reconnect_later();
    if (!was_up) return tell(report.reason);
    ++counters.disconnects;
    emit(uplink::LinkDown{std::move(report.reason), report.too_large});
}

void PahoLink::State::take(Delivered& report) {
    const auto found = open.find(report.ticket);
    if (found == open.end()) return;
    const Qos qos = found->second;
    open.erase(found);
    if (qos == Qos::at_most_once) return;
    --acknowledged_open;
    emit(uplink::PubAck{report.ticket});
}

void PahoLink::State::take(Refused& report) {
    const auto found = open.find(report.ticket);
    if (found == open.end()) return;
    counters.last_trouble = report.reason;
    const Qos qos = found->second;
    open.erase(found);
    if (qos == Qos::at_most_once) return;
    --acknowledged_open;
    emit(uplink::PubFailed{report.ticket, report.too_large, std::move(report.reason),
                           report.blameless});
}

void PahoLink::State::take(SubscriptionRefused& report) {
    if (report.attempt != attempt || !up) return;
    ++counters.subscriptions_refused;
    // Only these: whatever is asked for again comes again, with all that the broker retains.
    if (subscriptions.contains(report.filter)) refused.insert(report.filter);
    again = loop.after(settings.subscribe_again, [this] { ask_again(); });
    const std::string reason = "subscription to '" + report.filter + "' refused: " + report.reason;
    tell(reason);
    emit(uplink::SubscribeFailed{reason});
}

void PahoLink::State::ask_again() {
    for (const std::string& filter : std::exchange(refused, {})) {
        const auto wanted = subscriptions.find(filter);
        if (wanted == subscriptions.end() || !up) continue;
        if (auto sent = client->subscribe({*wanted}); !sent) {
            counters.last_trouble = sent.error().message;
        }
    }
}

void PahoLink::State::take(uplink::Message& message) {
    inbound_bytes -= message.payload.size();
    ++counters.received;
    emit(std::move(message));
}

void PahoLink::State::post(uplink::Message message) {
    const std::size_t bytes = message.payload.size();
    if (inbound_bytes + bytes > settings.inbound_bytes_max) {
        ++inbound_too_much;
        return;
    }
    inbound_bytes += bytes;
    if (!messages.try_post(std::move(message))) inbound_bytes -= bytes;
}

// The link.

Result<std::unique_ptr<PahoLink>> PahoLink::create(Settings settings, host::Loop& loop, Rng& rng,
                                                   Handler on_event) {
    TRY(check_settings(settings));
    auto state = std::make_unique<State>(settings, loop, rng, std::move(on_event));
    State* raw = state.get();
    state->client = TRY(PahoClient::create(
        std::move(settings),
        // The box holds more than can be open at once: a report is never refused.
        [raw](Report report) { CHECK(raw->reports.try_post(std::move(report))); },
        [raw](uplink::Message message) { raw->post(std::move(message)); }));
    state->start();
    return std::unique_ptr<PahoLink>(new PahoLink(std::move(state)));
}

PahoLink::PahoLink(std::unique_ptr<State> state) : state_(std::move(state)) {}

PahoLink::~PahoLink() {
    if (state_->up) state_->client->disconnect(kFarewell);
}

Result<Ticket> PahoLink::publish(uplink::Publication publication) {
    State& s = *state_;
    if (!s.up) return unavailable("mqtt: not connected to " + s.settings.broker);
    if (publication.topic.empty() || publication.topic.find_first_of("+#") != std::string::npos) {
        return invalid("mqtt: '" + publication.topic + "' is not a topic to publish to");
    }
    const std::size_t bytes = packet_bytes(publication);
    if (bytes > s.packet_bytes_max) {
        return invalid("mqtt: a packet of " + std::to_string(bytes) + " bytes, at most " +
                       std::to_string(s.packet_bytes_max));
    }
    const Qos qos = publication.qos;
    const std::size_t passing = s.open.size() - s.acknowledged_open;
    const bool full =
        qos == Qos::at_least_once ? s.acknowledged_open >= s.window : passing >= kPassingMax;
    if (full) return exhausted("mqtt: too many publications are open");
    const Ticket ticket(++s.tickets);
    TRY(s.client->publish(ticket, std::move(publication)));
    s.open.emplace(ticket, qos);
    if (qos == Qos::at_least_once) ++s.acknowledged_open;
    ++s.counters.published;
    return ticket;
}

Result<void> PahoLink::subscribe(std::string filter, Qos qos) {
    State& s = *state_;
    if (filter.empty()) return invalid("mqtt: an empty topic filter");
    if (s.subscriptions.size() >= kSubscriptionsMax && !s.subscriptions.contains(filter)) {
        return exhausted("mqtt: more than " + std::to_string(kSubscriptionsMax) + " subscriptions");
    }
    s.subscriptions[filter] = qos;
    if (s.up) TRY(s.client->subscribe({{filter, qos}}));
    return {};
}

Result<void> PahoLink::unsubscribe(const std::string& filter) {
    State& s = *state_;
    if (s.subscriptions.erase(filter) == 0 || !s.up) return {};
    return s.client->unsubscribe(filter);
}

bool PahoLink::is_up() const { return state_->up; }

Counters PahoLink::counters() const {
    Counters counters = state_->counters;
    counters.inbound_dropped = state_->messages.dropped() + state_->inbound_too_much;
    return counters;
}

}  // namespace vitrine::mqtt
