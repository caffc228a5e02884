#pragma once

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/random.hpp"
#include "agent/daemon/downlink.hpp"

namespace vitrine::daemon {

using bundle::Kind;
using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

inline constexpr WallTime kPublished = wall_at(std::chrono::hours(24 * 20'000));
inline const TenantId kTenant("halle");
inline const StoreId kStore("lyon");

inline bundle::SecretKey key(std::uint8_t seed) { return bundle::SecretKey::from_seed({seed}); }

inline Bytes noise(std::size_t size, std::uint64_t seed) {
    Rng rng(seed);
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    return bytes;
}

/// A state of megabytes, a little different in each epoch.
inline Bytes state(std::uint64_t epoch, std::size_t size = 1U << 20) {
    Bytes bytes = noise(size, 1);
    for (std::uint64_t i = 1; i <= epoch; ++i) bytes[i * 1000 % size] ^= 0x55;
    return bytes;
}

/// What the broker retains, as the centre publishes it.
class Retained {
  public:
    bundle::SecretKey signer = key(1);
    std::map<std::string, Bytes> topics;

    void whole(Kind kind, std::uint64_t epoch, const Bytes& payload) {
        publish(kind, epoch, bundle::pack_whole(payload).value());
    }
    void delta(Kind kind, std::uint64_t base, const Bytes& from, std::uint64_t epoch,
               const Bytes& payload) {
        publish(kind, epoch, bundle::pack_delta(Epoch(base), from, payload).value());
    }

    WallTime published = kPublished;
    std::chrono::hours life{24 * 7};

  private:
    void publish(Kind kind, std::uint64_t epoch, const bundle::Packed& packed) {
        const auto package = bundle::package_of({.tenant = kTenant,
                                                 .store = kStore,
                                                 .kind = kind,
                                                 .epoch = Epoch(epoch),
                                                 .not_before = published,
                                                 .expires = published + life},
                                                packed, signer)
                                 .value();
        std::optional<Epoch> base;
        if (packed.base) base = packed.base->epoch;
        for (std::uint32_t i = 0; i < package.chunks.size(); ++i) {
            topics[topic(bundle::DownChunk{kind, Epoch(epoch), i, base})] = package.chunks[i];
        }
        topics[base ? topic(bundle::DownLink{kind, *base}) : topic(bundle::DownManifest{kind})] =
            package.manifest;
    }
    static std::string topic(bundle::Leaf leaf) {
        return bundle::format_topic({kTenant, kStore, std::move(leaf)});
    }
};

/// A shop: a downlink with a cache, and a broker that answers what is asked, if it wants to.
class AgentOf {
  public:
    explicit AgentOf(const Retained& at_broker,
                     std::vector<bundle::PublicKey> trust = {key(1).public_key()})
        : broker(&at_broker), trusted(std::move(trust)) {
        start();
    }

    /// Another process: what the cache, the ledger and the partial downloads hold is all there is.
    void start() {
        Bytes ledger;
        if (downlink) ledger = downlink->ledger();
        downlink.emplace(kTenant, kStore, trusted, [this](Kind kind) -> Result<Bytes> {
            if (!cache.contains(kind)) return not_found("lost");
            return cache.at(kind).payload;
        });
        if (!ledger.empty()) downlink->restore_ledger(ledger).value();
        for (auto at = cache.begin(); at != cache.end();) {
            // The real cache checks the same.
            if (bundle::verify(at->second.signed_manifest, trusted)) {
                downlink->applied(at->second, now);
                ++at;
            } else {
                at = cache.erase(at);
            }
        }
        for (const auto& [kind, partial] : partials) downlink->resume(kind, partial, now);
        subscribed.clear();
    }

    /// All that is subscribed to comes again.
    void connect() {
        downlink->connected(now);
        fetched = 0;
        for (const auto& [topic, payload] : broker->topics) {
            if (topic.ends_with("/manifest")) say(topic, payload);
        }
        const std::set<std::string> again = std::exchange(subscribed, {});
        for (const std::string& topic : again) subscribe(topic);
    }

    void run(std::chrono::milliseconds duration) {
        for (const Instant until = now + duration; now < until; now += 100ms, wall += 100ms) tick();
    }

    void tick() {
        while (const auto delivery = downlink->next(wall, now)) {
            const auto& manifest = delivery->manifest.manifest();
            const std::string what = std::string(bundle::name_of(manifest.kind)) + " " +
                                     std::to_string(manifest.epoch.value());
            applied.push_back(what + (delivery->behind ? " behind" : ""));
            cache.insert_or_assign(manifest.kind, *delivery);
            partials.erase(manifest.kind);
            downlink->applied(*delivery, now);
        }
        const auto wanted = downlink->wanted(now);
        if (downlink->wants_repeat(now)) subscribed.clear();
        std::erase_if(subscribed, [&](const std::string& each) { return !wanted.contains(each); });
        for (const std::string& topic : wanted) {
            if (!subscribed.contains(topic)) subscribe(topic);
        }
    }

    void subscribe(const std::string& topic) {
        subscribed.insert(topic);
        const auto found = broker->topics.find(topic);
        if (found != broker->topics.end()) say(topic, found->second);
    }

    void say(const std::string& topic, const Bytes& payload) {
        if (withheld(topic)) return;
        fetched += payload.size();
        topics.push_back(topic);
        const auto taken = downlink->on(bundle::parse_topic(topic).value(), payload, now);
        if (!taken) {
            refusals.push_back(taken.error().message);
        } else if (*taken) {
            Partial& partial = partials[(*taken)->kind];
            const ByteView manifest = (*taken)->signed_manifest;
            if (!std::ranges::equal(partial.signed_manifest, manifest)) {
                partial = {.signed_manifest = Bytes(manifest.begin(), manifest.end()),
                           .chunks = {}};
            }
            partial.chunks.emplace_back((*taken)->chunk, payload);
        }
    }

    std::uint64_t epoch(Kind kind) const {
        const auto& present = downlink->present(kind);
        return present ? present->state.epoch.value() : 0;
    }

    const Retained* broker;
    std::vector<bundle::PublicKey> trusted;
    std::function<bool(const std::string&)> withheld = [](const std::string&) { return false; };
    std::optional<Downlink> downlink;
    std::map<Kind, Delivery> cache;
    std::map<Kind, Partial> partials;
    std::set<std::string> subscribed;
    std::vector<std::string> applied;
    std::vector<std::string> topics;
    std::vector<std::string> refusals;
    std::size_t fetched = 0;
    Instant now{1h};
    WallTime wall = kPublished + 1h;
};

}  // namespace vitrine::daemon
