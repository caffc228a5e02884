#include <algorithm>

#include "agent/daemon/applier.hpp"
#include "sync/bundle/topics.hpp"
#include "tests/simulation/centre.hpp"
#include "tests/simulation/store_life.hpp"

// How a shop's machine starts, ends and fails.

namespace vitrine::simulation {

using bundle::Kind;
using std::chrono::duration;
using std::chrono::seconds;

namespace {

presence::Layout layout() {
    presence::Layout made;
    made.kiosks = {{.id = KioskId("kiosk-1")}};
    made.scanners = {{.id = ScannerId("hall"), .kiosk = 0}};
    return made;
}

}  // namespace

void Store::boot() {
    if (life_ || ended_) return;
    use_disk();
    clock_.booted = context_.agenda.instant();
    dying_ = false;
    ++lives_;
    if (const auto opened = open_parts(); !opened) {
        life_.reset();
        // A disk that is full or fails at this moment: the service manager tries again.
        if (opened.error().code != ErrorCode::exhausted &&
            opened.error().code != ErrorCode::unavailable) {
            context_.fail(spec_.store.str() + " does not start: " + opened.error().message);
        }
        if (disk_ && disk_->is_off()) return crash(power_cut_next_);
        context_.agenda.after(seconds(30), [this] { boot(); });
        return;
    }
    context_.agenda.after(seconds(1), [this, life = lives_] { idle_step(life); });
    leave();
}

Result<void> Store::open_parts() {
    const bool in_memory = spec_.folder.empty();
    const std::string path = in_memory ? ":memory:" : (spec_.folder / "outbox.db").string();
    const outbox::Limits limits{.bytes_max = config_.outbox_bytes_max,
                                .ballast_bytes = in_memory ? 0U : 64U << 10};
    auto opened =
        TRY(outbox::Outbox::open(path, limits, outbox::OutboxEpoch(context_.rng.next() | 1)));
    context_.check(opened.report().set_aside.empty(),
                   "a database was damaged by a crash: " + opened.report().damage);
    engine::Setup setup{.store = spec_.store,
                        .layout = layout(),
                        .seed = context_.rng.next(),
                        .claim_prefix = "http://shop/c/",
                        .check_in_prefix = "http://shop/i/",
                        .model_delta_every = seconds(context_.options.coarse ? 3600 : 300)};
    life_ = std::make_unique<Life>(std::move(opened), std::move(setup), spec_, log_);
    const std::uint64_t dropped = dropped_by_now();
    truth_.check_rows(spec_.machine, rows(), lives_ == 1 ? 0 : dropped - dropped_);
    dropped_ = dropped;
    note_accepted(Sequence(0));  // Whatever was durable before the word of it came.
    if (!in_memory) life_->cache = TRY(daemon::BundleCache::open(spec_.folder / "bundles"));

    const daemon::Courier::MakeLink make_link =
        [this](uplink::Publication will, std::function<void(uplink::LinkEvent)> on_event)
        -> Result<std::unique_ptr<uplink::Link>> {
        auto wire = std::make_unique<Wire>(
            context_, broker_, spec_.store.str() + "/" + spec_.agent.str(), std::move(will),
            [this, on_event](const uplink::LinkEvent& event) { on_link_event(event, on_event); },
            [this] { return !dying_ && !(disk_ && disk_->is_off()); });
        life_->wire = wire.get();
        life_->wire->set_reachable(reachable_);
        return std::unique_ptr<uplink::Link>(std::move(wire));
    };
    daemon::Courier::Hooks hooks;
    hooks.apply = [this](const daemon::Delivery& delivery) { return apply(delivery); };
    hooks.base_of = [this](Kind kind) -> Result<Bytes> {
        if (!life_->cache) return not_found("no cache");
        auto cached = TRY(life_->cache->load(kind, std::span(&spec_.centre_key, 1)));
        if (!cached) return not_found("not in the cache");
        return std::move(cached->payload);
    };
    hooks.keep_chunk = [this](const daemon::Downlink::Taken& taken, ByteView bytes) {
        if (!life_->cache) return;
        (void)life_->cache->keep_chunk(taken.kind, taken.signed_manifest, taken.chunk, bytes);
    };
    hooks.weather = [](int) {};
    hooks.stock = [](const profiles::Stock&) {};
    hooks.receipt = [](const KioskId&, const session::Receipt&) {};
    life_->courier = TRY(daemon::Courier::over(make_link, config_, clock_, log_, life_->outbox,
                                               rng_, {spec_.centre_key}, std::move(hooks)));
    load_cached();
    restore();
    return life_->courier->start();
}

void Store::load_cached() {
    daemon::Downlink& downlink = life_->courier->downlink();
    if (const auto ledger = life_->outbox.state(std::string(kLedgerKey))) {
        context_.check(downlink.restore_ledger(*ledger).has_value(),
                       "a ledger of bundles does not read back");
    }
    applied_ = {};
    if (!life_->cache) return;
    for (const Kind kind : {Kind::erasures, Kind::recognition, Kind::profiles, Kind::catalogue,
                            Kind::policy, Kind::model}) {
        const auto cached = life_->cache->load(kind, std::span(&spec_.centre_key, 1));
        if (cached && *cached) {
            const bool behind = downlink.is_behind((*cached)->manifest);
            const bool usable =
                behind || daemon::apply(**cached, life_->engine, moment(), life_->effects);
            if (usable) downlink.applied(**cached, clock_.monotonic());
            if (usable && !behind) note_applied((*cached)->manifest.manifest());
        }
        if (const auto partial = life_->cache->load_partial(kind)) {
            downlink.resume(kind, *partial, clock_.monotonic());
        }
    }
}

void Store::note_applied(const bundle::Manifest& manifest) {
    applied_[static_cast<std::size_t>(manifest.kind)] = manifest.epoch;
}

void Store::restore() {
    const auto lines = life_->outbox.state_with_prefix("");
    if (!lines) return;
    for (const auto& [key, value] : *lines) {
        if (key == kLedgerKey) continue;
        const auto restored = life_->engine.restore({key, value});
        context_.check(restored || restored.error().code == ErrorCode::conflict,
                       "a memo does not read back: " + key);
    }
}

void Store::crash(bool power_cut) {
    if (!disk_ || dying_) return;
    dying_ = true;
    ++(power_cut ? context_.tally.power_cuts : context_.tally.crashes);
    use_disk();
    // From here on nothing that the dying process does reaches the disk.
    if (!disk_->is_off()) disk_->power_off_at = std::max<std::uint64_t>(1, disk_->operations);
    life_.reset();
    visitors_ = 0;
    if (power_cut) {
        disk_->cut_power(context_.rng);
    } else {
        disk_->power_off_at = 0;
    }
    context_.agenda.after(context_.up_to(duration<double>(60)), [this] { boot(); });
}

void Store::end() {
    use_disk();
    ended_ = true;
    dying_ = true;
    ++lives_;
    life_.reset();
}

void Store::crash_soon(bool power_cut) {
    if (!life_ || !disk_) return;
    power_cut_next_ = power_cut;
    disk_->power_off_at = disk_->operations + 1 + context_.rng.below(40);
}

void Store::fail_a_sync() {
    if (!disk_) return;
    ++context_.tally.disk_errors;
    disk_->fail_sync_at = disk_->operations + 1;
}

void Store::set_full(bool full) {
    if (!disk_) return;
    if (!full) return disk_->capacity.reset();
    ++context_.tally.full_disks;
    disk_->reserved = [folder = spec_.folder] {
        std::uint64_t taken = 0;
        for (const char* name : {"outbox.db.ballast", "outbox.db.reserve"}) {
            std::error_code none;
            const auto size = std::filesystem::file_size(folder / name, none);
            taken += none ? 0 : size;
        }
        return taken;
    };
    disk_->capacity = disk_->room_taken() + context_.rng.below(32U << 10);
}

void Store::repair() {
    if (!disk_) return;
    disk_->capacity.reset();
    disk_->fail_sync_at = 0;
    if (!disk_->is_off()) disk_->power_off_at = 0;
}

void Store::lose_a_cached_bundle() {
    if (!disk_) return;
    ++context_.tally.cache_losses;
    const auto kind = static_cast<Kind>(context_.rng.below(bundle::kKinds));
    std::error_code none;
    std::filesystem::remove(spec_.folder / "bundles" / std::string(bundle::name_of(kind)), none);
}

void Store::set_reachable(bool reachable) {
    reachable_ = reachable;
    if (life_) life_->wire->set_reachable(reachable);
}

void Store::cut() {
    if (life_) life_->wire->cut("cut");
}

}  // namespace vitrine::simulation
