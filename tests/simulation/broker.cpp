#include "tests/simulation/broker.hpp"

#include <algorithm>

#include "sync/wire/batch.hpp"

namespace vitrine::simulation {

using std::chrono::duration;
using uplink::LinkDown;
using uplink::LinkUp;
using uplink::Message;
using uplink::Publication;
using uplink::Qos;

namespace {

constexpr std::string_view kShare = "$share/";

/// What stands before the first wildcard, up to the slash; the whole of a filter without one.
std::string prefix_of(std::string_view filter) {
    const auto wildcard = filter.find_first_of("+#");
    return std::string(filter.substr(0, wildcard));
}

/// A mutation: nothing below what is some records ahead is left.
void claim_too_much(Publication& publication) {
    for (auto& [key, value] : publication.user_properties) {
        if (key == wire::kFloorProperty) value = std::to_string(std::stoull(value) + 20);
    }
}

/// Whether a filter with + and # takes a topic.
bool takes(std::string_view filter, std::string_view topic) {
    while (!filter.empty()) {
        const auto filter_end = std::min(filter.find('/'), filter.size());
        const auto topic_end = std::min(topic.find('/'), topic.size());
        const std::string_view level = filter.substr(0, filter_end);
        if (level == "#") return true;
        if (level != "+" && level != topic.substr(0, topic_end)) return false;
        const bool filter_ends = filter_end == filter.size();
        const bool topic_ends = topic_end == topic.size();
        if (filter_ends || topic_ends) return filter_ends && topic_ends;
        filter.remove_prefix(filter_end + 1);
        topic.remove_prefix(topic_end + 1);
    }
    return topic.empty();
}

}  // namespace

// The broker.

std::uint64_t Broker::add(Wire& wire) {
    wires_[++last_wire_] = &wire;
    return last_wire_;
}

Wire* Broker::wire(std::uint64_t id) const {
    const auto found = wires_.find(id);
    return found == wires_.end() ? nullptr : found->second;
}

const Message* Broker::retained(const std::string& topic) const {
    const auto found = retained_.find(topic);
    return found == retained_.end() ? nullptr : &found->second;
}

void Broker::restart() {
    ++context_.tally.broker_restarts;
    down_ = true;
    retained_.clear();
    std::vector<std::uint64_t> wires;
    for (const auto& [id, session] : sessions_) wires.push_back(session.wire);
    sessions_.clear();
    by_client_.clear();
    subscriptions_.clear();
    for (const std::uint64_t id : wires) {
        if (Wire* const one = wire(id); one != nullptr) one->cut("the broker went away");
    }
    context_.agenda.after(context_.up_to(duration<double>(60)), [this] { down_ = false; });
}

std::optional<Broker::SessionId> Broker::connect(Wire& wire) {
    if (down_) return std::nullopt;
    if (const auto same = by_client_.find(wire.client_); same != by_client_.end()) {
        // Two machines under one name: the later one stays.
        const std::uint64_t older = sessions_.at(same->second).wire;
        drop(same->second, true);
        if (Wire* const one = this->wire(older); one != nullptr) one->cut("taken over");
    }
    const SessionId id = ++last_session_;
    sessions_[id] = {.client = wire.client_, .wire = wire.id_, .will = wire.will_};
    by_client_[wire.client_] = id;
    return id;
}

void Broker::drop(SessionId session, bool with_will) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return;
    const Session gone = std::move(found->second);
    for (const std::string& filter : gone.filters) unsubscribe(session, filter);
    by_client_.erase(gone.client);
    sessions_.erase(session);
    if (with_will && gone.will) publish(*gone.will);
}

void Broker::subscribe(SessionId session, const std::string& filter, Qos qos) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return;
    unsubscribe(session, filter);
    found->second.filters.push_back(filter);
    Subscription one{.session = session, .filter = filter, .qos = qos};
    if (filter.starts_with(kShare)) {
        one.shared = true;
        one.filter = filter.substr(filter.find('/', kShare.size()) + 1);
    }
    const std::string prefix = prefix_of(one.filter);
    subscriptions_[prefix].push_back(one);
    if (one.shared) return;
    for (auto at = retained_.lower_bound(prefix);
         at != retained_.end() && at->first.starts_with(prefix); ++at) {
        if (!takes(one.filter, at->first)) continue;
        Message message = at->second;
        message.retained = true;
        hand_on(one, message);
    }
}

void Broker::unsubscribe(SessionId session, const std::string& filter) {
    const std::string bare =
        filter.starts_with(kShare) ? filter.substr(filter.find('/', kShare.size()) + 1) : filter;
    const auto found = subscriptions_.find(prefix_of(bare));
    if (found == subscriptions_.end()) return;
    std::erase_if(found->second, [&](const Subscription& one) {
        return one.session == session && one.filter == bare;
    });
    if (const auto known = sessions_.find(session); known != sessions_.end()) {
        std::erase(known->second.filters, filter);
    }
}

void Broker::publish(const Publication& publication) {
    const Message message{.topic = publication.topic,
                          .payload = publication.payload,
                          .retained = false,
                          .content_type = publication.content_type,
                          .user_properties = publication.user_properties};
    if (publication.retain && publication.payload.empty()) retained_.erase(publication.topic);
    if (publication.retain && !publication.payload.empty()) retained_[message.topic] = message;
    route(message);
}

void Broker::route(const Message& message) {
    std::vector<const Subscription*> shared;
    const auto offer = [&](const std::string& prefix) {
        const auto found = subscriptions_.find(prefix);
        if (found == subscriptions_.end()) return;
        for (const Subscription& one : found->second) {
            if (!takes(one.filter, message.topic)) continue;
            if (one.shared) {
                shared.push_back(&one);
            } else {
                hand_on(one, message);
            }
        }
    };
    offer(message.topic);
    for (std::size_t at = message.topic.find('/'); at != std::string::npos;
         at = message.topic.find('/', at + 1)) {
        offer(message.topic.substr(0, at + 1));
    }
    if (!shared.empty()) hand_on(*shared[context_.rng.below(shared.size())], message);
}

void Broker::hand_on(const Subscription& to, const Message& message) {
    ++context_.tally.messages;
    if (to.qos == Qos::at_most_once && context_.happens(context_.faults.lost)) return;
    const auto copy = std::make_shared<const Message>(message);
    deliver(to.session, copy);
    if (!context_.happens(context_.faults.doubled)) return;
    ++context_.tally.doubled;
    deliver(to.session, copy);
}

void Broker::deliver(SessionId session, std::shared_ptr<const Message> message) {
    Session& to = sessions_.at(session);
    const Instant arrives = context_.agenda.instant() +
                            context_.up_to(duration<double>(context_.faults.delay_max_ms * 1e-3));
    to.delivers_from = std::max(to.delivers_from, arrives);
    context_.agenda.at(to.delivers_from, [this, session, id = to.wire, message] {
        Wire* const one = wire(id);
        if (one == nullptr || one->session_ != session || !one->reachable_) return;
        if (one->powered_()) one->on_event_(*message);
    });
}

// The wire.

Wire::Wire(Context& context, Broker& broker, std::string client, std::optional<Publication> will,
           OnEvent on_event, std::function<bool()> powered)
    : context_(context),
      broker_(broker),
      client_(std::move(client)),
      will_(std::move(will)),
      on_event_(std::move(on_event)),
      powered_(std::move(powered)),
      id_(broker.add(*this)) {
    connect_later();
}

Wire::~Wire() {
    broker_.wires_.erase(id_);
    if (session_) broker_.drop(*session_, true);
}

void Wire::connect_later() {
    const double first_s = context_.options.coarse ? 60 : 10;
    const double delay_s =
        std::min(300.0, first_s * static_cast<double>(1U << std::min(tries_, 8U)));
    ++tries_;
    context_.agenda.after(context_.up_to(duration<double>(delay_s)), [&broker = broker_, id = id_] {
        if (Wire* const self = broker.wire(id)) self->try_to_connect();
    });
}

void Wire::try_to_connect() {
    if (session_ || !powered_()) return;
    if (!reachable_) return connect_later();
    session_ = broker_.connect(*this);
    if (!session_) return connect_later();
    since_ = context_.agenda.instant();
    open_ = 0;
    sends_from_ = context_.agenda.instant();
    for (const auto& [filter, qos] : filters_) broker_.subscribe(*session_, filter, qos);
    on_event_(LinkUp{});
}

void Wire::cut(const std::string& reason) {
    if (!session_) return;
    ++context_.tally.cuts;
    const auto session = *std::exchange(session_, std::nullopt);
    broker_.drop(session, true);
    // A connection that held for a while was a good one.
    if (context_.agenda.instant() - since_ > std::chrono::seconds(60)) tries_ = 0;
    connect_later();
    if (powered_()) on_event_(LinkDown{.reason = reason});
}

void Wire::set_reachable(bool reachable) {
    if (reachable == reachable_) return;
    reachable_ = reachable;
    tries_ = 0;
    // What was lost meanwhile is not sent again by TCP for ever: the connection is over.
    if (reachable) return cut("reset");
    if (!session_) return;
    context_.agenda.after(context_.up_to(duration<double>(90)),
                          [&broker = broker_, id = id_, was = session_] {
                              Wire* const self = broker.wire(id);
                              if (self != nullptr && self->session_ == was)
                                  self->cut("no answer to a ping");
                          });
}

Result<uplink::Ticket> Wire::publish(Publication publication) {
    if (!session_ || !powered_()) return unavailable("the link is down");
    if (open_ >= kOpenMax) return exhausted("too many publications are open");
    if (publication.payload.size() > kPacketBytesMax)
        return invalid("larger than the broker takes");
    if (context_.options.mutation == Mutation::floor_too_high) claim_too_much(publication);
    const uplink::Ticket ticket(++last_ticket_);
    const bool acknowledged = publication.qos == Qos::at_least_once;
    if (acknowledged) ++open_;
    if (!acknowledged && context_.happens(context_.faults.lost)) return ticket;
    sends_from_ = std::max(
        sends_from_, context_.agenda.instant() +
                         context_.up_to(duration<double>(context_.faults.delay_max_ms * 1e-3)));
    const auto sent = std::make_shared<Publication>(std::move(publication));
    context_.agenda.at(sends_from_, [&broker = broker_, id = id_, session = *session_, ticket, sent,
                                     &context = context_] {
        Wire* const self = broker.wire(id);
        const bool connected = self != nullptr && self->session_ == session && self->reachable_;
        if (connected) return self->arrive(session, ticket, sent);
        if (!context.happens(context.faults.late)) return;
        ++context.tally.late;
        context.agenda.after(context.up_to(duration<double>(context.faults.late_max_s)),
                             [&broker, sent] { broker.publish(*sent); });
    });
    return ticket;
}

void Wire::arrive(Broker::SessionId session, uplink::Ticket ticket,
                  const std::shared_ptr<Publication>& publication) {
    broker_.publish(*publication);
    if (publication->qos == Qos::at_most_once) return;
    context_.agenda.after(context_.up_to(duration<double>(context_.faults.delay_max_ms * 1e-3)),
                          [&broker = broker_, id = id_, session, ticket] {
                              Wire* const self = broker.wire(id);
                              if (self == nullptr || self->session_ != session || !self->reachable_)
                                  return;
                              --self->open_;
                              if (self->powered_()) self->on_event_(uplink::PubAck{ticket});
                          });
}

Result<void> Wire::subscribe(std::string filter, Qos qos) {
    filters_[filter] = qos;
    if (session_) broker_.subscribe(*session_, filter, qos);
    return {};
}

Result<void> Wire::unsubscribe(const std::string& filter) {
    filters_.erase(filter);
    if (session_) broker_.unsubscribe(*session_, filter);
    return {};
}

}  // namespace vitrine::simulation
