#include <malloc.h>

#include "agent/daemon/applier.hpp"
#include "agent/daemon/shop.hpp"

namespace vitrine::daemon {

using bundle::Kind;

namespace {

double seconds_of(std::chrono::milliseconds duration) {
    return static_cast<double>(duration.count()) / 1000;
}

}  // namespace

/// What the shop had when it closed, in the order in which it would come: it opens without the
/// network.
void Shop::load_cached() {
    if (!courier_) return;
    Downlink& downlink = courier_->downlink();
    if (const auto ledger = outbox_.state(std::string(kLedgerKey))) {
        if (const auto restored = downlink.restore_ledger(*ledger); !restored) {
            log_.error("ledger of bundles not readable", {{"reason", restored.error().message}});
        }
    }
    const Instant now = clock_.monotonic();
    for (const Kind kind : bundle::kEveryKind) {
        auto cached = cache_.load(kind, config_.verify_keys);
        if (!cached) {
            log_.error("cached bundle not usable", {{"reason", cached.error().message}});
        } else if (*cached) {
            load_cached(**cached, now);
        }
        if (const auto partial = cache_.load_partial(kind)) downlink.resume(kind, *partial, now);
    }
    // Decoding took several times what is kept of it: a kiosk's small memory gets it back.
    ::malloc_trim(0);
}

void Shop::load_cached(const Delivery& cached, Instant now) {
    Downlink& downlink = courier_->downlink();
    if (!downlink.is_behind(cached.manifest)) {
        const auto applied = apply(cached, engine_, moment(), effects_);
        if (!applied) {
            return log_.error("cached bundle not applied",
                              {{"kind", bundle::name_of(cached.manifest.manifest().kind)},
                               {"reason", applied.error().message}});
        }
    }
    downlink.applied(cached, now);
}

Courier::Hooks Shop::courier_hooks() {
    Courier::Hooks hooks;
    hooks.apply = [this](const Delivery& delivery) { return apply_bundle(delivery); };
    hooks.base_of = [this](Kind kind) -> Result<Bytes> {
        auto cached = TRY(cache_.load(kind, config_.verify_keys));
        if (!cached) return not_found(std::string(bundle::name_of(kind)) + ": not in the cache");
        return std::move(cached->payload);
    };
    hooks.keep_chunk = [this](const Downlink::Taken& taken, ByteView bytes) {
        // Without it a restart fetches the chunk again, and nothing else.
        const auto kept = cache_.keep_chunk(taken.kind, taken.signed_manifest, taken.chunk, bytes);
        if (!kept) log_.warning("chunk not kept", {{"reason", kept.error().message}});
    };
    hooks.weather = [this](int weather) {
        surroundings_.weather = static_cast<std::int8_t>(weather);
    };
    hooks.receipt = [this](const KioskId& till, const session::Receipt& receipt) {
        take_receipt(till, receipt);
    };
    hooks.stock = [this](profiles::Stock stock) { engine_.on(std::move(stock)); };
    return hooks;
}

Result<void> Shop::apply_bundle(const Delivery& delivery) {
    const bundle::Manifest& manifest = delivery.manifest.manifest();
    const Kind kind = manifest.kind;
    const auto& present = courier_->downlink().present(kind);
    // What is in place and only signed anew is not applied twice: a model would begin to learn
    // anew.
    const bool same = present && present->state == bundle::Base{manifest.epoch, manifest.payload};
    if (!delivery.behind && !same) TRY(apply(delivery, engine_, moment(), effects_));
    const auto kept = cache_.keep(kind, delivery.signed_manifest, delivery.payload);
    if (!kept) {
        // As a base it is good for nothing if it is not there; otherwise it works until the next
        // start, and then comes again from the broker.
        if (delivery.behind) return kept.error();
        log_.error("bundle not kept", {{"reason", kept.error().message}});
    }
    cache_.drop_partial(kind);
    courier_->downlink().applied(delivery, clock_.monotonic());
    effects_.memos.push_back({std::string(kLedgerKey), courier_->downlink().ledger()});
    ::malloc_trim(0);
    step_soon();
    return {};
}

/// An old catalogue is better than none, and says that it is old.
bool Shop::offers_stale() const {
    if (!courier_) return false;
    const auto& catalogue = courier_->downlink().present(Kind::catalogue);
    return catalogue && catalogue->expires <= clock_.wall();
}

/// ", profiles 31 days old" for each kind that has expired; empty where none has.
std::string Shop::expired_bundles() const {
    std::string text;
    if (!courier_) return text;
    for (const Kind kind : bundle::kEveryKind) {
        const auto& present = courier_->downlink().present(kind);
        if (!present || clock_.wall() < present->expires) continue;
        const auto age =
            std::chrono::duration_cast<std::chrono::hours>(clock_.wall() - present->published);
        text += ", " + std::string(bundle::name_of(kind)) + " " + std::to_string(age.count() / 24) +
                " days old";
    }
    return text;
}

void Shop::add_bundle_metrics() {
    struct Gauges {
        Kind kind;
        host::Gauge epoch;
        host::Gauge age;
        host::Gauge expired;
    };
    std::vector<Gauges> gauges;
    const auto add = [&](Kind kind, const auto& name) {
        gauges.push_back(
            {kind,
             metrics_.gauge("vitrine_bundle_epoch", "What is in place; 0: nothing.",
                            {{"kind", name}}),
             metrics_.gauge("vitrine_bundle_age_seconds",
                            "Since the bundle in place was published; 0 where there is none.",
                            {{"kind", name}}),
             metrics_.gauge("vitrine_bundle_expired",
                            "1 while the bundle in place is older than it should be.",
                            {{"kind", name}})});
    };
    add(Kind::erasures, "erasures");
    add(Kind::recognition, "recognition");
    add(Kind::profiles, "profiles");
    add(Kind::catalogue, "catalogue");
    add(Kind::policy, "policy");
    add(Kind::model, "model");
    auto bytes = metrics_.counter("vitrine_bundle_bytes_total", "Of chunks that were fetched.");
    metrics_.on_collect([=, this]() mutable {
        if (!courier_) return;
        bytes.raise_to(courier_->downlink().bytes_taken());
        for (Gauges& each : gauges) {
            const auto& present = courier_->downlink().present(each.kind);
            each.epoch.set(present ? static_cast<double>(present->state.epoch.value()) : 0);
            each.age.set(present ? seconds_of(clock_.wall() - present->published) : 0);
            each.expired.set(present && present->expires <= clock_.wall() ? 1 : 0);
        }
    });
}

}  // namespace vitrine::daemon
