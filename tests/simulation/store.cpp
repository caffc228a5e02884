#include "tests/simulation/store.hpp"

#include <algorithm>

#include <fcntl.h>

#include "agent/daemon/applier.hpp"
#include "sync/bundle/topics.hpp"
#include "tests/simulation/centre.hpp"
#include "tests/simulation/store_life.hpp"

namespace vitrine::simulation {

using bundle::Kind;
using std::chrono::duration;
using std::chrono::milliseconds;

namespace {

/// Where logs go: what matters here is what happened, not what was said of it.
int nowhere() {
    static const int fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    return fd;
}

}  // namespace

Store::Store(Context& context, Broker& broker, Truth& truth, Spec spec)
    : context_(context),
      broker_(broker),
      truth_(truth),
      spec_(std::move(spec)),
      clock_(context),
      log_(clock_, {.level = host::Level::error, .fd = nowhere()}),
      rng_(context.rng.next()) {
    config_.tenant = kTenant;
    config_.store = spec_.store;
    config_.agent = spec_.agent;
    config_.outbox_bytes_max = context_.options.outbox_bytes_max;
    if (spec_.folder.empty()) return;
    disk_ = std::make_unique<outbox::FaultDisk>("disk-" + std::to_string(spec_.machine.value()));
    disk_->log_writes = true;
    disk_->sync_lies = context_.options.mutation == Mutation::disk_lies;
}

Store::~Store() {
    use_disk();
    life_.reset();
}

void Store::use_disk() {
    if (disk_) disk_->use();
}

/// After anything that may have used the disk: a process whose disk is gone is gone.
void Store::leave() {
    if (!life_ || dying_) return;
    if (disk_ && disk_->is_off()) {
        context_.agenda.after(std::chrono::nanoseconds(1), [this, life = lives_] {
            if (life == lives_ && life_) crash(power_cut_next_);
        });
        return;
    }
    arm();
}

// The way up and down.

void Store::on_link_event(const uplink::LinkEvent& event,
                          const std::function<void(uplink::LinkEvent)>& courier) {
    if (!life_ || dying_) return;
    use_disk();
    if (const auto* message = std::get_if<uplink::Message>(&event)) {
        const auto topic = bundle::parse_topic(message->topic);
        if (topic && std::holds_alternative<bundle::AgentAck>(topic->leaf)) {
            const auto ack = wire::decode_ack(text_of(message->payload));
            context_.check(ack.has_value(), "an acknowledgement does not read back");
            if (ack) truth_.check_ack(spec_.machine, spec_.store, *ack);
        }
    }
    courier(event);
    keep();
    leave();
}

Result<void> Store::apply(const daemon::Delivery& delivery) {
    const Kind kind = delivery.manifest.manifest().kind;
    const bool ignored =
        kind == Kind::erasures && context_.options.mutation == Mutation::ignore_erasures;
    if (!delivery.behind && !ignored) {
        TRY(daemon::apply(delivery, life_->engine, moment(), life_->effects));
    }
    if (life_->cache) {
        const auto kept = life_->cache->keep(kind, delivery.signed_manifest, delivery.payload);
        if (!kept && delivery.behind) return kept.error();
        life_->cache->drop_partial(kind);
    }
    if (!delivery.behind) note_applied(delivery.manifest.manifest());
    life_->courier->downlink().applied(delivery, clock_.monotonic());
    life_->effects.memos.push_back({std::string(kLedgerKey), life_->courier->downlink().ledger()});
    return {};
}

/// The uplink says itself when it wants to be asked.
void Store::arm() {
    const auto wake = life_->courier->wake_at();
    if (!wake) return;
    const Instant at =
        std::max(clock_.to_simulated(*wake), context_.agenda.instant() + milliseconds(1));
    if (life_->armed && *life_->armed <= at) return;
    life_->armed = at;
    context_.agenda.at(at, [this, life = lives_, at] {
        if (life != lives_ || !life_ || dying_) return;
        if (life_->armed == at) life_->armed.reset();
        use_disk();
        life_->courier->tick(clock_.monotonic());
        leave();
    });
}

// Keeping.

void Store::step() {
    if (!life_ || dying_) return;
    use_disk();
    life_->engine.tick(moment(), life_->effects);
    keep();
    leave();
}

void Store::keep() {
    if (life_->effects.empty() && life_->keeper.settled()) return;
    const engine::Now at = moment();
    const Sequence before = life_->outbox.next_sequence();
    life_->effects.explanations.clear();
    (void)life_->keeper.keep(life_->effects, at.instant, at.wall);
    note_drops();  // Also what was given up for nothing.
    if (life_->outbox.next_sequence() == before) return;
    note_accepted(before);
    life_->courier->tick(at.instant);
}

void Store::note_accepted(Sequence before) {
    const Sequence after(before.value() > 0 ? before.value() - 1 : 0);
    const auto fresh = life_->outbox.read(after, 1U << 20, 1U << 30);
    if (!fresh) return;
    for (const outbox::Row& row : *fresh) {
        const merge::Source source{spec_.store, spec_.agent, row.epoch.value()};
        if (before == Sequence(0) && truth_.holds(spec_.machine, source, row.sequence)) continue;
        truth_.accept(spec_.machine, source, row.sequence, row.bytes);
    }
}

std::set<Identity> Store::rows() {
    std::set<Identity> all;
    const auto found = life_->outbox.read(Sequence(0), 1U << 20, 1U << 30);
    context_.check(found.has_value(), "an outbox cannot be read");
    if (!found) return all;
    for (const outbox::Row& row : *found) {
        all.insert({{spec_.store, spec_.agent, row.epoch.value()}, row.sequence});
    }
    return all;
}

std::uint64_t Store::dropped_by_now() const {
    std::uint64_t dropped = 0;
    for (const std::uint64_t each : life_->outbox.counts().dropped_by) dropped += each;
    return dropped;
}

void Store::note_drops() {
    if (context_.options.coarse) return;
    const std::uint64_t dropped = dropped_by_now();
    if (dropped == dropped_) return;
    truth_.check_rows(spec_.machine, rows(), dropped - dropped_);
    dropped_ = dropped;
}

void Store::report_health() {
    if (!life_ || dying_) return;
    use_disk();
    life_->engine.report({.scanner = "simulated"}, moment(), life_->effects);
    life_->engine.looked(StaffId("lea"), moment(), life_->effects);
    step();
}

/// What the daemon's timers do when nobody is there.
void Store::idle_step(std::uint32_t life) {
    if (life != lives_ || !life_ || dying_) return;
    if (!context_.healing) step();
    if (!life_ || dying_) return;
    use_disk();
    keep();
    life_->courier->tick(clock_.monotonic());
    leave();
    const double mean = context_.options.coarse ? 600 : 5;
    context_.agenda.after(context_.up_to(duration<double>(2 * mean)),
                          [this, life] { idle_step(life); });
}

// What the world asks.

bool Store::settled() {
    return life_ && life_->keeper.settled() && life_->outbox.counts().pending == 0;
}

std::uint64_t Store::pending() { return life_ ? life_->outbox.counts().pending : 0; }

std::array<Epoch, bundle::kKinds> Store::epochs() const {
    if (!life_) return {};
    const profiles::Epochs now = life_->engine.snapshot().epochs();
    std::array<Epoch, bundle::kKinds> all = applied_;
    all[static_cast<std::size_t>(Kind::recognition)] = now.recognition;
    all[static_cast<std::size_t>(Kind::profiles)] = now.profiles;
    all[static_cast<std::size_t>(Kind::catalogue)] = now.catalogue;
    all[static_cast<std::size_t>(Kind::policy)] = now.policy;
    all[static_cast<std::size_t>(Kind::model)] = now.model;
    return all;
}

bool Store::has_memo_of(MemberId member) {
    use_disk();
    const auto lines = life_->outbox.state_with_prefix("");
    return lines && std::ranges::any_of(*lines, [&](const auto& line) {
               return line.first.find(to_text(member)) != std::string::npos;
           });
}

std::uint64_t Store::resent() const { return life_ ? life_->courier->progress().resent : 0; }

}  // namespace vitrine::simulation
