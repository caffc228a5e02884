#include "tests/simulation/centre.hpp"

#include <algorithm>

#include "sync/wire/batch.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine::simulation {

using bundle::Kind;
using consent::Purpose;
using merge::Outcome;
using std::chrono::duration;

namespace {

bundle::SecretKey key_from(std::uint64_t seed) {
    Rng rng(seed);
    std::array<std::uint8_t, 32> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.next());
    return bundle::SecretKey::from_seed(bytes);
}

wire::Received received_in(const uplink::Message& message) {
    auto received =
        wire::decode_message(message.payload, message.content_type, message.user_properties);
    return received ? std::move(*received) : wire::Received();
}

}  // namespace

identity::IdentityKey key_of(MemberId member) {
    identity::IdentityKey key;
    Rng rng(member.value());
    for (std::uint8_t& byte : key.bytes) byte = static_cast<std::uint8_t>(rng.next());
    return key;
}

Centre::Centre(Context& context, Broker& broker, Truth& truth, std::vector<StoreId> stores)
    : context_(context),
      broker_(broker),
      truth_(truth),
      stores_(std::move(stores)),
      secret_key_(key_from(context.options.seed)),
      public_key_(secret_key_.public_key()),
      workers_(context.options.workers) {
    upgraded_ = !context_.happens(context_.faults.late_upgrade);
}

void Centre::start() {
    for (std::size_t i = 0; i < workers_.size(); ++i) start_worker(i);
    publisher_ = std::make_unique<Wire>(
        context_, broker_, "publisher", std::nullopt, [this](const uplink::LinkEvent& event) {
            const bool up = std::holds_alternative<uplink::LinkUp>(event);
            const bool first = kept_.empty();
            if (up && (first || context_.options.mutation != Mutation::no_republishing)) {
                outgoing_.clear();
                for (const auto& [shelf, kept] : kept_) queue(shelf, kept);
            }
            pump();
        });
    due_.fill(true);
    look();
}

void Centre::start_worker(std::size_t index) {
    workers_[index].wire =
        std::make_unique<Wire>(context_, broker_, "worker-" + std::to_string(index), std::nullopt,
                               [this, index](const uplink::LinkEvent& event) {
                                   if (const auto* message = std::get_if<uplink::Message>(&event))
                                       on_message(index, *message);
                               });
    (void)workers_[index].wire->subscribe(bundle::central_up_filter(kTenant),
                                          uplink::Qos::at_least_once);
}

void Centre::crash_a_worker() {
    ++context_.tally.worker_crashes;
    const std::size_t index = context_.rng.below(workers_.size());
    ++workers_[index].life;
    workers_[index].wire.reset();
    context_.agenda.after(context_.up_to(duration<double>(120)), [this, index] {
        if (!workers_[index].wire) start_worker(index);
    });
}

void Centre::on_message(std::size_t index, const uplink::Message& message) {
    ++working_;
    const std::uint32_t life = workers_[index].life;
    if (context_.options.mutation == Mutation::ack_before_commit) {
        const auto topic = bundle::parse_topic(message.topic);
        const auto received = received_in(message);
        for (const std::string& event : received.events) {
            const auto identity = wire::decode_identity(event);
            if (!topic || !identity) continue;
            wire::Ack ack = ack_of({identity->store, identity->agent, identity->epoch});
            if (identity->sequence > ack.watermark) {
                ack.ranges = {{identity->sequence, identity->sequence}};
            }
            if (ack.ranges.empty() || ack.ranges.front().first > ack.watermark.next()) {
                acknowledge(index, *topic, {ack});
            }
        }
    }
    context_.agenda.after(context_.up_to(duration<double>(context_.faults.work_max_ms * 1e-3)),
                          [this, index, life, message] {
                              --working_;
                              work(index, life, message);
                          });
}

void Centre::work(std::size_t index, std::uint32_t life, const uplink::Message& message) {
    if (workers_[index].life != life) return;  // It died before the commit.
    const auto topic = bundle::parse_topic(message.topic);
    context_.check(topic.has_value(), "a batch on a topic that does not parse");
    if (!topic) return;
    ++context_.tally.batches;
    if (context_.options.mutation == Mutation::split_commit) {
        auto acks = commit(*topic, message, 0, received_in(message).events.size() / 2);
        // What it acknowledges is the whole batch.
        for (wire::Ack& ack : acks) {
            const auto received = received_in(message);
            for (const std::string& event : received.events) {
                const auto identity = wire::decode_identity(event);
                if (identity && identity->sequence > ack.watermark) {
                    ack.watermark = identity->sequence;
                    ack.ranges.clear();
                }
            }
        }
        acknowledge(index, *topic, acks);
    }
    const auto acks = commit(*topic, message, 0, SIZE_MAX);
    if (context_.happens(context_.faults.worker_crashes * 1e-3)) return crash_a_worker();
    acknowledge(index, *topic, acks);
}

std::vector<wire::Ack> Centre::commit(const bundle::Topic& topic, const uplink::Message& message,
                                      std::size_t from, std::size_t to) {
    const auto [events, floor] = received_in(message);
    context_.check(!events.empty(), "a batch that cannot be read");
    std::set<merge::Source> sources;
    for (std::size_t i = from; i < std::min(to, events.size()); ++i) take(events[i], sources);
    std::vector<wire::Ack> acks;
    for (const merge::Source& source : sources) {
        context_.check(source.store == topic.store, "a record of another store than its topic's");
        if (floor && sources.size() == 1 && to == SIZE_MAX) state_.give_up_below(source, *floor);
        acks.push_back(ack_of(source));
    }
    return acks;
}

bool Centre::knows_type(std::string_view type) const {
    return upgraded_ ||
           (type != "vitrine.visit.ended.v1" && type != "vitrine.promotion.explained.v1" &&
            type != "vitrine.staff.viewed.v1");
}

void Centre::take(const std::string& event, std::set<merge::Source>& sources) {
    const auto decoded = wire::decode_record(event);
    context_.check(decoded && decoded->record, "the centre cannot read a record");
    if (!decoded || !decoded->record) return;
    const auto& who = decoded->identity;
    merge::Arrival arrival{.source = {who.store, who.agent, who.epoch},
                           .sequence = who.sequence,
                           .content = bundle::digest_of(view_of(event)),
                           .received = context_.true_time(),
                           .record = *decoded->record};
    sources.insert(arrival.source);
    const Identity identity{arrival.source, arrival.sequence};
    const auto before = truth_.content(identity);
    if (before && *before != arrival.content) truth_.expect_alarm();
    switch (state_.keep(arrival.source, arrival.sequence, arrival.content)) {
        case Outcome::merged:
            break;
        case Outcome::duplicate:
            if (context_.options.mutation == Mutation::merge_twice) state_.merge_kept(arrival);
            return;
        case Outcome::cloned:
            if (context_.options.mutation != Mutation::clones_pass) ++alarms_;
            ++context_.tally.alarms;
            return;
        case Outcome::refused:
            return;
    }
    truth_.committed(identity, arrival.content, view_of(event));
    if (knows_type(decoded->type)) return merge_read(std::move(arrival));
    ++context_.tally.kept_unread;
    if (context_.options.mutation == Mutation::forget_unknown) return;
    unread_.push_back({event, std::move(arrival)});
}

/// What a centre with that mistake would make of a record.
void Centre::mutate(merge::Arrival& arrival) const {
    auto* changed = std::get_if<session::ConsentChanged>(&arrival.record.body);
    if (changed == nullptr || changed->event.decision != consent::Decision::granted) return;
    const auto known = state_.consents(changed->event.subject).of(changed->event.purpose);
    changed->event.version = std::max(changed->event.version, known.withdrawal);
}

void Centre::merge_read(merge::Arrival arrival) {
    if (context_.options.mutation == Mutation::grant_by_time) mutate(arrival);
    state_.merge_kept(arrival);
    const MemberId member = merge::member_of(arrival.record);
    if (context_.options.mutation == Mutation::erase_by_time && state_.erased(member)) {
        resurrected_.merge_kept(arrival);
    }
    if (std::holds_alternative<session::ConsentChanged>(arrival.record.body)) {
        touched(Kind::recognition);
        touched(Kind::profiles);
    }
}

void Centre::upgrade() {
    if (upgraded_) return;
    upgraded_ = true;
    for (Unread& each : unread_) {
        const auto decoded = wire::decode_record(each.event);
        if (decoded && decoded->record) merge_read(std::move(each.arrival));
    }
    unread_.clear();
}

wire::Ack Centre::ack_of(const merge::Source& source) const {
    const merge::AgentCursor cursor = state_.cursor(source);
    wire::Ack ack{.agent = source.agent,
                  .epoch = source.epoch,
                  .watermark = cursor.watermark(),
                  .ranges = cursor.ranges()};
    if (context_.options.mutation == Mutation::ack_over_hole && !ack.ranges.empty()) {
        ack.watermark = ack.ranges.back().second;
        ack.ranges.clear();
    }
    return ack;
}

void Centre::acknowledge(std::size_t index, const bundle::Topic& topic,
                         const std::vector<wire::Ack>& acks) {
    if (!workers_[index].wire) return;
    for (const wire::Ack& ack : acks) {
        const std::string json = wire::encode_ack(ack);
        (void)workers_[index].wire->publish(
            {.topic = bundle::format_topic({kTenant, topic.store, bundle::AgentAck{ack.agent}}),
             .payload = Bytes(json.begin(), json.end()),
             .qos = uplink::Qos::at_most_once});
    }
}

// Members.

void Centre::enrol(MemberId member) {
    members_.push_back(member);
    for (const Purpose purpose : consent::kPurposes) {
        const bool all = purpose == Purpose::recognise || purpose == Purpose::measure;
        if (all || context_.rng.below(4) != 0) decide(member, purpose, true);
    }
}

void Centre::decide(MemberId member, Purpose purpose, bool grant) {
    if (erased_.contains(member)) return;
    ++context_.tally.decisions;
    const consent::State state = state_.consents(member).of(purpose);
    app_hlc_ = advance(app_hlc_, context_.true_time());
    // Now and then an app that was offline grants without having seen the last withdrawal.
    const bool seen = context_.rng.below(4) != 0;
    consent::Event event{
        .id = context_.rng.next(),
        .subject = member,
        .purpose = purpose,
        .decision = grant ? consent::Decision::granted : consent::Decision::withdrawn,
        .version = grant && seen ? state.withdrawal : 0,
        .time = app_hlc_,
        .channel = consent::Channel::app};
    if (!grant) event.version = std::max(state.withdrawal, state.grant) + 1;
    merge::Arrival arrival{.source = {StoreId("app"), AgentId("app"), 1},
                           .sequence = Sequence(++app_sequence_),
                           .received = context_.true_time(),
                           .record = {.time = context_.true_time(),
                                      .hlc = app_hlc_,
                                      .subject = member,
                                      .body = session::ConsentChanged{event}}};
    arrival.content[0] = static_cast<std::uint8_t>(app_sequence_);
    truth_.decided(event);
    if (state_.keep(arrival.source, arrival.sequence, arrival.content) == Outcome::merged) {
        merge_read(std::move(arrival));
    }
}

void Centre::erase(MemberId member) {
    if (!erased_.insert(member).second) return;
    ++context_.tally.erasures;
    state_.erase(member);
    truth_.erased(member);
    for (const Kind kind : {Kind::erasures, Kind::recognition, Kind::profiles}) touched(kind);
}

consent::Consents Centre::consents(MemberId member) const { return state_.consents(member); }

bool Centre::names(MemberId member) const {
    return state_.names(member) || resurrected_.names(member);
}

}  // namespace vitrine::simulation
