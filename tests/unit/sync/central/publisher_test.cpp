#include "sync/central/publisher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using bundle::Kind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// What a broker retains.
class Retaining final : public uplink::Link {
  public:
    Result<uplink::Ticket> publish(uplink::Publication publication) override {
        if (room == 0) return exhausted("too many publications are open");
        --room;
        CHECK(publication.retain);
        published.push_back(publication.topic);
        if (publication.payload.empty()) {
            topics.erase(publication.topic);
        } else {
            bytes += publication.payload.size();
            topics[publication.topic] = std::move(publication.payload);
        }
        return uplink::Ticket(published.size());
    }
    Result<void> subscribe(std::string, uplink::Qos) override { return {}; }
    bool is_up() const override { return true; }

    std::map<std::string, Bytes> topics;
    std::vector<std::string> published;
    std::size_t bytes = 0;
    std::size_t room = 1'000'000;
};

/// A centre with two shops and a publisher.
class Chain : public Centre {
  public:
    const bundle::SecretKey key = bundle::SecretKey::from_seed({1, 2, 3});
    Publisher publisher{{.tenant = TenantId("halle")}, connection, members, trainer, key};
    Retaining broker;
    WallTime now = kNow;

    Chain() {
        for (const StoreId shop : {kLyon, StoreId("nice")}) {
            CHECK(add_shop(connection, shop).has_value());
        }
        std::string row = kAnaRow;
        row.insert(row.size() - 1, R"(,"measure":true)");
        CHECK(enrol(row).taken == 1);
    }

    /// How many times each shop got something new, after another look.
    std::map<StoreId, std::size_t> refreshed(WallTime at) {
        publisher.touched(Kind::profiles);
        CHECK(publisher.refresh(at).has_value());
        for (const auto& each : publisher.published().value()) {
            epochs[each.store].insert(each.epoch.value());
        }
        std::map<StoreId, std::size_t> counts;
        for (const auto& [shop, seen] : epochs) counts[shop] = seen.size();
        return counts;
    }

    /// Erases so many members that were never there: a large kind that changes.
    void erase(std::uint64_t first, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            CHECK(store.erase(MemberId((first + i) * 0x9e3779b97f4a7c15), now).has_value());
        }
    }
    void publish(Kind kind = Kind::erasures) { publish(publisher, kind); }
    void publish(Publisher& by, Kind kind) {
        now += std::chrono::seconds(1);
        by.touched(kind);
        const auto done = by.refresh(now);
        if (!done) ADD_FAILURE() << done.error().message;
        by.pump(broker);
    }
    Epoch epoch(Kind kind) {
        for (const auto& each : publisher.published().value()) {
            if (each.kind == kind && each.store == kLyon) return each.epoch;
        }
        return Epoch{};
    }
    /// What a shop puts together from the broker: from the whole, or from what it has.
    Bytes fetched(Kind kind, std::optional<Bytes> have = {}, Epoch at = {}) {
        const auto topic = [](bundle::Leaf leaf) {
            return bundle::format_topic({TenantId("halle"), kLyon, std::move(leaf)});
        };
        const std::array<bundle::PublicKey, 1> trusted{key.public_key()};
        const auto take = [&](const std::string& manifest_topic) {
            const auto verified = bundle::verify(broker.topics.at(manifest_topic), trusted).value();
            const bundle::Manifest& manifest = verified.manifest();
            bundle::Assembler assembler(verified);
            std::optional<Epoch> base;
            if (manifest.base) base = manifest.base->epoch;
            for (std::uint32_t i = 0; i < manifest.chunks.size(); ++i) {
                const std::string chunk = topic(bundle::DownChunk{kind, manifest.epoch, i, base});
                CHECK(assembler.add(i, broker.topics.at(chunk)).has_value());
            }
            at = manifest.epoch;
            return assembler.payload(have.value_or(Bytes{})).value();
        };
        if (!have) have = take(topic(bundle::DownManifest{kind}));
        while (broker.topics.contains(topic(bundle::DownLink{kind, at}))) {
            have = take(topic(bundle::DownLink{kind, at}));
        }
        return *have;
    }
    std::size_t deltas() const {
        return static_cast<std::size_t>(std::ranges::count_if(broker.topics, [](const auto& each) {
            return each.first.find("/lyon/down/erasures/from/") != std::string::npos;
        }));
    }
    Bytes erasures() {
        auto bundle = members.erasures().value();
        bundle.epoch = epoch(Kind::erasures);
        return wire::encode_erasures(bundle).value();
    }

  private:
    std::map<StoreId, std::set<std::uint64_t>> epochs;
};

TEST(Publisher, WhatIsSeenInOneShopIsNewsOnlyForTheOthers) {
    const StoreId nice("nice");
    Chain chain;
    const std::map<StoreId, std::size_t> first{{kLyon, 1}, {nice, 1}};
    EXPECT_EQ(chain.refreshed(kNow), first);
    EXPECT_EQ(chain.refreshed(kNow), first) << "nothing is new";
    session::PromotionViewed viewed;
    viewed.decision.path = offers::Path::personal;
    viewed.decision.slot_count = 1;
    viewed.decision.slots[0].offer = OfferId(100);
    (void)chain.merge({event(1, viewed)}).value();
    EXPECT_EQ(chain.refreshed(kNow), first) << "not with every look at a screen";
    const std::map<StoreId, std::size_t> later{{kLyon, 1}, {nice, 2}};
    EXPECT_EQ(chain.refreshed(kNow + Elsewhere::kEvery), later);
    EXPECT_EQ(chain.refreshed(kNow + Elsewhere::kEvery), later);
}

TEST(Publisher, AChangeOfALargeKindTravelsAsADelta) {
    Chain chain;
    chain.erase(1, 2000);
    chain.publish();
    EXPECT_TRUE(chain.fetched(Kind::erasures) == chain.erasures());
    const Bytes before = chain.erasures();
    const Epoch at = chain.epoch(Kind::erasures);
    chain.broker.bytes = 0;
    chain.erase(5000, 3);
    chain.publish();
    EXPECT_LT(chain.broker.bytes, 2 * 500U) << "two shops";
    EXPECT_TRUE(chain.fetched(Kind::erasures, before, at) == chain.erasures());
    EXPECT_TRUE(chain.fetched(Kind::erasures) == chain.erasures());
}

TEST(Publisher, TheWayFromTheWholeToTheNewestStaysShort) {
    Chain chain;
    chain.erase(1, 2000);
    chain.publish();
    std::size_t most = 0;
    for (std::uint64_t i = 0; i < 3 * Publisher::kDeltasMax; ++i) {
        const Bytes before = chain.erasures();
        const Epoch at = chain.epoch(Kind::erasures);
        chain.erase(5000 + i, 1);
        chain.publish();
        most = std::max(most, chain.deltas());
        ASSERT_TRUE(chain.fetched(Kind::erasures) == chain.erasures());
        ASSERT_TRUE(chain.fetched(Kind::erasures, before, at) == chain.erasures())
            << "who is up to date takes a delta, a new whole or not";
    }
    EXPECT_LE(most, 2 * Publisher::kDeltasMax + 1);
    EXPECT_GT(most, Publisher::kDeltasMax) << "for who was away for a while";
}

TEST(Publisher, TakesWhatIsSupersededOffTheBroker) {
    Chain chain;
    for (std::uint64_t i = 0; i < 5; ++i) {
        chain.erase(10'000 * i + 1, 50 + 100 * i);  // Each more than half of what there was.
        chain.publish();
    }
    EXPECT_EQ(chain.deltas(), 0U);
    EXPECT_THAT(chain.broker.topics, SizeIs(4)) << "a manifest and a chunk a shop";
    EXPECT_EQ(chain.number("SELECT count(*) FROM bundle_packages"), 2);
    EXPECT_EQ(chain.number("SELECT count(*) FROM bundle_chunks"), 1) << "the shops share it";
}

TEST(Publisher, HoldsNothingThatAnotherOneNeeds) {
    Chain chain;
    chain.erase(1, 500);
    chain.publish();
    chain.erase(5000, 1);
    chain.publish();
    const std::map<std::string, Bytes> retained = chain.broker.topics;
    // The program starts again, and the broker has forgotten everything.
    chain.broker.topics.clear();
    chain.broker.bytes = 0;
    Publisher again({.tenant = TenantId("halle")}, chain.connection, chain.members, chain.trainer,
                    chain.key);
    chain.publish(again, Kind::erasures);
    EXPECT_EQ(chain.broker.topics, retained) << "the very same bytes";
    EXPECT_TRUE(again.idle());
    again.republish();
    chain.broker.topics.clear();
    chain.publish(again, Kind::erasures);
    EXPECT_EQ(chain.broker.topics, retained);
}

TEST(Publisher, WhoWasErasedIsInNothingRetainedADayLater) {
    Chain chain;
    std::string rows;
    for (int i = 0; i < 300; ++i) {
        std::string row = kAnaRow;
        row.replace(row.find("00a1"), 4, std::to_string(1000 + i));
        row.replace(row.find("000102"), 4, std::to_string(1000 + i));
        rows += row + "\n";
    }
    ASSERT_EQ(chain.enrol(rows).taken, 300U);
    chain.publish(Kind::recognition);
    const Epoch with_ana = chain.epoch(Kind::recognition);
    ASSERT_TRUE(chain.store.erase(kAna, chain.now + std::chrono::hours(1)).value());
    chain.now += std::chrono::hours(1);
    chain.publish(Kind::recognition);
    const auto from_before = [&] {
        return chain.number("SELECT count(*) FROM bundle_packages WHERE epoch <= " +
                            std::to_string(with_ana.value()));
    };
    EXPECT_EQ(from_before(), 2) << "one a shop, for those who are behind";

    chain.now += Publisher::kForgottenWithin - std::chrono::seconds(10);
    chain.publish(Kind::recognition);
    EXPECT_EQ(from_before(), 2) << "a whole for everybody is not made for each erasure";
    const Bytes before = chain.fetched(Kind::recognition);
    const Epoch at = chain.epoch(Kind::recognition);
    chain.now += std::chrono::seconds(20);
    chain.publish(Kind::recognition);
    EXPECT_EQ(from_before(), 0);
    EXPECT_TRUE(chain.fetched(Kind::recognition) == chain.fetched(Kind::recognition, before, at))
        << "who is up to date takes a delta all the same";
    EXPECT_THAT(chain.broker.topics, SizeIs(2 * 4)) << "a whole and a delta a shop";
    const Epoch renewed = chain.epoch(Kind::recognition);
    chain.publish(Kind::recognition);
    EXPECT_EQ(chain.epoch(Kind::recognition), renewed) << "once";
}

TEST(Publisher, GoesOnWhereTheLinkStopped) {
    Chain chain;
    chain.erase(1, 100'000 / 50);
    chain.broker.room = 1;
    chain.publish();
    while (!chain.publisher.idle()) {
        chain.broker.room = 1;
        chain.publisher.pump(chain.broker);
    }
    EXPECT_TRUE(chain.fetched(Kind::erasures) == chain.erasures());
    EXPECT_THAT(chain.broker.published, SizeIs(4)) << "nothing twice";
}

TEST(Publisher, TheNextKeySignsWhatTheOldOnePublished) {
    Chain chain;
    chain.erase(1, 500);
    chain.publish();
    chain.erase(5000, 1);
    chain.publish();
    const Epoch epoch = chain.epoch(Kind::erasures);
    const bundle::SecretKey next = bundle::SecretKey::from_seed({9});
    Publisher rotated({.tenant = TenantId("halle")}, chain.connection, chain.members, chain.trainer,
                      next);
    chain.publish(rotated, Kind::erasures);
    for (const auto& [topic, payload] : chain.broker.topics) {
        if (topic.find("/manifest") == topic.npos && topic.find("/from/") == topic.npos) continue;
        const std::array<bundle::PublicKey, 1> trusted{next.public_key()};
        const auto verified = bundle::verify(payload, trusted);
        ASSERT_TRUE(verified) << topic;
        EXPECT_LE(verified->manifest().epoch, epoch);
    }
    chain.erase(6000, 1);
    chain.publish(rotated, Kind::erasures);
    EXPECT_GT(rotated.published().value().at(0).epoch, epoch) << "epochs go on";
}

TEST(Publisher, ACentreRestoredFromACopyIsNotTakenForAnOldOne) {
    Chain lost;
    for (std::uint64_t i = 0; i < 10; ++i) {
        lost.erase(1 + i, 1);
        lost.publish();
    }
    Chain restored;
    restored.now = lost.now + std::chrono::minutes(1);
    restored.erase(1, 2);
    restored.publish();
    EXPECT_GT(restored.epoch(Kind::erasures), lost.epoch(Kind::erasures));
}

TEST(Publisher, ErasuresDoNotWaitForARoundOfProfiles) {
    Chain chain;
    Publisher slow({.tenant = TenantId("halle"), .shops_at_once = 1}, chain.connection,
                   chain.members, chain.trainer, chain.key);
    chain.publish(slow, Kind::profiles);
    EXPECT_TRUE(slow.behind());
    EXPECT_THAT(slow.published().value(), SizeIs(1));
    chain.erase(1, 5);
    chain.publish(slow, Kind::erasures);
    EXPECT_THAT(slow.published().value(), SizeIs(4))
        << "both shops' erasures, and the other's profiles";
    EXPECT_FALSE(slow.behind());
}

TEST(Publisher, WhoeverPublishesEveryWorkerShowsIt) {
    Chain chain;
    const Publisher other({.tenant = TenantId("halle")}, chain.connection, chain.members,
                          chain.trainer, chain.key);
    EXPECT_THAT(other.published().value(), SizeIs(0));
    chain.publish(Kind::policy);
    chain.publisher.stand_down();
    for (const Publisher* each : {&other, static_cast<const Publisher*>(&chain.publisher)}) {
        const auto shown = each->published().value();
        ASSERT_THAT(shown, SizeIs(2)) << "two shops";
        EXPECT_EQ(shown[0].store, kLyon);
        EXPECT_EQ(shown[0].kind, Kind::policy);
        EXPECT_GT(shown[0].bytes, 0u);
    }
}

}  // namespace
}  // namespace vitrine::central
