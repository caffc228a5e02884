#include <algorithm>

#include "agent/offers/learner.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/members.hpp"
#include "sync/wire/model_binary.hpp"
#include "sync/wire/policy_json.hpp"
#include "tests/simulation/centre.hpp"

// What the centre publishes. The production publisher lives on the centre's database; this one does
// the same with what is in memory: contents are compared, epochs only grow, the newest of each kind
// is retained for each shop, and a broker that forgot is told anew.

namespace vitrine::simulation {

using bundle::Kind;
using consent::Purpose;
using std::chrono::hours;

namespace {

constexpr std::size_t kPeriods = 9;
constexpr std::uint64_t kDeltas = 4;  ///< So many of a kind stay on the broker.

profiles::Catalogue catalogue(std::uint32_t edition) {
    profiles::Catalogue made;
    for (std::uint16_t i = 1; i <= 4; ++i) {
        const std::string number = std::to_string(i);
        made.categories.push_back(
            {.id = CategoryId(i), .name = {"Rayon " + number, "Aisle " + number}});
    }
    for (std::uint32_t i = 0; i < 24; ++i) {
        const std::string number = std::to_string(i);
        made.offers.push_back({.id = OfferId(100 + i),
                               .category = CategoryId(static_cast<std::uint16_t>(1 + i % 4)),
                               .title = {"Offre " + number, "Offer " + number},
                               .price = Cents(199 + edition)});
    }
    return made;
}

/// Screens change at once, so that a short visit leaves records.
profiles::Policy policy(std::uint32_t edition) {
    profiles::Policy made;
    made.loop_step = std::chrono::milliseconds(1000);
    made.change_jitter = std::chrono::milliseconds(0);
    made.minimum_dwell = std::chrono::milliseconds(1000);
    made.decisions_per_member_day = static_cast<std::uint8_t>(40 + edition % 10);
    return made;
}

}  // namespace

void Centre::make_news() {
    const std::size_t which = context_.rng.below(editions_.size());
    ++editions_[which];
    touched(std::array{Kind::catalogue, Kind::policy, Kind::model}[which]);
}

bool Centre::idle() const {
    return working_ == 0 && outgoing_.empty() && std::ranges::find(due_, true) == due_.end() &&
           unread_.empty();
}

void Centre::look() {
    for (const Kind kind : bundle::kEveryKind) {
        if (!due_[static_cast<std::size_t>(kind)]) continue;
        due_[static_cast<std::size_t>(kind)] = false;
        refresh(kind);
    }
    pump();
    if (context_.agenda.instant() >= look_again_) {  // The keys' horizon moves.
        look_again_ = context_.agenda.instant() + hours(1);
        touched(Kind::recognition);
    }
    context_.agenda.after(std::chrono::seconds(context_.options.coarse ? 300 : 10),
                          [this] { look(); });
}

void Centre::refresh(Kind kind) {
    const auto index = static_cast<std::size_t>(kind);
    const Digest digest = bundle::digest_of(content(kind, Epoch(1)));
    if (epochs_[index] != Epoch{} && contents_[index] == digest) return;
    contents_[index] = digest;
    epochs_[index] = epochs_[index].next();
    const Bytes payload = content(kind, epochs_[index]);
    const auto whole = bundle::pack_whole(payload);
    context_.check(whole.has_value(), "a bundle cannot be packed");
    if (!whole) return;
    for (const StoreId store : stores_) publish(store, kind, *whole);
    const Bytes before = std::exchange(payloads_[index], payload);
    if (epochs_[index] == Epoch(1) || !bundle::travels_as_deltas(kind)) return;
    const auto delta = bundle::pack_delta(Epoch(epochs_[index].value() - 1), before, payload);
    context_.check(delta.has_value(), "a delta cannot be packed");
    for (const StoreId store : stores_) {
        if (delta) publish(store, kind, *delta);
    }
}

/// The newest state of a kind, whole or on top of the one before, takes the place of what is there.
void Centre::publish(StoreId store, Kind kind, const bundle::Packed& packed) {
    const Epoch epoch = newest(kind);
    auto package = bundle::package_of({.tenant = kTenant,
                                       .store = store,
                                       .kind = kind,
                                       .epoch = epoch,
                                       .not_before = context_.true_time(),
                                       .expires = context_.true_time() + hours(24 * 14)},
                                      packed, secret_key_);
    context_.check(package.has_value(), "a bundle cannot be signed");
    if (!package) return;
    ++context_.tally.bundles;
    const Epoch base = packed.base ? packed.base->epoch : Epoch{};
    const Shelf shelf{store, kind, base};
    const auto old = kept_.find(shelf);
    std::optional<Kept> before;
    if (old != kept_.end()) before = std::move(old->second);
    Kept& kept = kept_[shelf] = {std::move(*package), epoch, std::nullopt};
    if (packed.base) kept.base = base;
    queue(shelf, kept);
    if (before) take_off(shelf, *before, false);
    if (!packed.base || base.value() <= kDeltas) return;
    const Shelf oldest{store, kind, Epoch(base.value() - kDeltas)};
    if (const auto gone = kept_.find(oldest); gone != kept_.end()) {
        take_off(oldest, gone->second, true);
        kept_.erase(gone);
    }
}

void Centre::retain(StoreId store, bundle::Leaf leaf, Bytes payload) {
    outgoing_.push_back({.topic = bundle::format_topic({kTenant, store, std::move(leaf)}),
                         .payload = std::move(payload),
                         .retain = true});
}

void Centre::queue(const Shelf& shelf, const Kept& kept) {
    const auto& [store, kind, base] = shelf;
    for (std::size_t i = 0; i < kept.package.chunks.size(); ++i) {
        retain(store,
               bundle::DownChunk{.kind = kind,
                                 .epoch = kept.epoch,
                                 .chunk = static_cast<std::uint32_t>(i),
                                 .base = kept.base},
               kept.package.chunks[i]);
    }
    bundle::Leaf manifest = bundle::DownManifest{.kind = kind};
    if (kept.base) manifest = bundle::DownLink{.kind = kind, .base = base};
    retain(store, std::move(manifest), kept.package.manifest);
}

/// An empty retained message takes what is superseded off the broker.
void Centre::take_off(const Shelf& shelf, const Kept& kept, bool manifest_too) {
    const auto& [store, kind, base] = shelf;
    if (manifest_too) retain(store, bundle::DownLink{.kind = kind, .base = base}, {});
    for (std::size_t i = 0; i < kept.package.chunks.size(); ++i) {
        retain(store,
               bundle::DownChunk{.kind = kind,
                                 .epoch = kept.epoch,
                                 .chunk = static_cast<std::uint32_t>(i),
                                 .base = kept.base},
               {});
    }
}

void Centre::pump() {
    while (!outgoing_.empty() && publisher_ && publisher_->is_up()) {
        if (!publisher_->publish(outgoing_.front())) return;
        outgoing_.pop_front();
    }
}

Bytes Centre::content(Kind kind, Epoch epoch) const {
    const auto bytes_of = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
    switch (kind) {
        case Kind::erasures:
            return wire::encode_erasures(
                       {.epoch = epoch, .members = {erased_.begin(), erased_.end()}})
                .value();
        case Kind::recognition:
            return recognition(epoch);
        case Kind::profiles:
            return profiles(epoch);
        case Kind::catalogue: {
            auto made = catalogue(editions_[0]);
            made.epoch = epoch;
            return bytes_of(wire::encode_catalogue(made).value());
        }
        case Kind::policy: {
            auto made = policy(editions_[1]);
            made.epoch = epoch;
            return bytes_of(wire::encode_policy(made).value());
        }
        case Kind::model: {
            const float rate = 0.03F + 0.001F * static_cast<float>(editions_[2] % 20);
            return wire::encode_model(offers::prior_model(epoch, rate)).value();
        }
    }
    check_failed("known Kind", __FILE__, __LINE__);
}

Bytes Centre::recognition(Epoch epoch) const {
    const WallTime begin = context_.true_time() - std::chrono::minutes(15);
    wire::RecognitionBundle bundle{
        .epoch = epoch, .first_period = identity::period_of(identity::beacon_seconds(begin))};
    for (const MemberId member : members_) {
        const consent::Consents consents = state_.consents(member);
        if (!consents.of(Purpose::recognise).allows(context_.true_time())) continue;
        wire::RecognitionBundle::Member one{.member = member, .consents = consents};
        for (std::uint32_t i = 0; i < kPeriods; ++i) {
            one.keys.push_back(
                identity::temporary_key(key_of(member), bundle.first_period + i).bytes);
        }
        bundle.members.push_back(std::move(one));
    }
    return wire::encode_recognition(bundle).value();
}

Bytes Centre::profiles(Epoch epoch) const {
    wire::ProfilesBundle bundle{.epoch = epoch};
    for (const MemberId member : members_) {
        if (erased_.contains(member)) continue;
        const consent::Consents consents = state_.consents(member);
        bundle.consents.push_back({member, consents});
        if (!consents.of(Purpose::recognise).allows(context_.true_time())) continue;
        if (consents.of(Purpose::personalise).allows(context_.true_time())) {
            bundle.profiles.push_back({.member = member, .level = profiles::Level::full});
        }
        if (consents.of(Purpose::staff_view).allows(context_.true_time())) {
            bundle.cards.push_back({.member = member, .calls_me = "A member"});
        }
    }
    return wire::encode_profiles(bundle).value();
}

}  // namespace vitrine::simulation
