// Several workers on one database, as processes that are killed at any moment: what they leave is
// what sync/merge says of the same records, whoever merged which of them, how often, and in what
// order.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include "agent/base/random.hpp"
#include "sync/bundle/keys.hpp"
#include "sync/central/leadership.hpp"
#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using session::PromotionTouched;

constexpr std::array kShops{StoreId("lyon"), StoreId("nice")};
constexpr std::array kAgents{AgentId("a"), AgentId("b"), AgentId("c")};
constexpr std::uint64_t kMembers = 4;
constexpr std::uint32_t kOffers = 3;
constexpr MemberId kErased(2);

/// A database that several processes open: a schema of the test's server, or a file.
class SharedDatabase {
  public:
    SharedDatabase() : name_(fresh_database()) {
        if (name_ != ":memory:") return;
        folder_ = std::filesystem::temp_directory_path() /
                  ("vitrine-workers-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        name_ = (folder_ / "central.db").string();
    }
    ~SharedDatabase() {
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }
    SharedDatabase(const SharedDatabase&) = delete;
    SharedDatabase& operator=(const SharedDatabase&) = delete;
    const std::string& name() const { return name_; }
    bool on_server() const { return folder_.empty(); }

  private:
    std::string name_;
    std::filesystem::path folder_;
};

session::RecordBody body_of(Rng& rng) {
    const OfferId offer(100 + static_cast<std::uint32_t>(rng.below(kOffers)));
    switch (rng.below(8)) {
        case 0:
            return session::VisitStarted{rng.below(9)};
        case 1:
            return session::VisitEnded{rng.below(9), 30, 2};
        case 2:
            return session::CouponClaimed{1, offer};
        case 3:
            return session::ConsentChanged{
                {.id = 1 + rng.below(1000),
                 .subject = MemberId(1 + rng.below(kMembers)),
                 .purpose = static_cast<consent::Purpose>(rng.below(2)),
                 .decision = static_cast<consent::Decision>(rng.below(3)),
                 .version = static_cast<std::uint32_t>(rng.below(4)),
                 .time = Hlc(5),
                 .notice = {.id = "kiosk", .version = 1}}};
        case 4: {
            session::PromotionViewed viewed;
            viewed.decision.path = offers::Path::personal;
            viewed.decision.slot_count = 1;
            viewed.decision.slots[0] = {.offer = offer, .probability = 1};
            return viewed;
        }
        default: {
            PromotionTouched touched = click(offer.value());
            touched.kind = static_cast<PromotionTouched::Kind>(rng.below(4));
            return touched;
        }
    }
}

struct World {
    std::vector<Batch> batches;
    merge::MergeState truth;
};

/// Batches of all agents of all shops, and what they come to.
World world_of(std::uint64_t seed, std::size_t batches_an_agent) {
    Rng rng(seed);
    World world;
    for (const StoreId shop : kShops) {
        for (const AgentId agent : kAgents) {
            std::uint64_t sequence = 0;
            for (std::size_t i = 0; i < batches_an_agent; ++i) {
                Batch batch{.store = shop, .agent = agent, .events = {}, .floor = {}};
                for (std::size_t n = 2 + rng.below(12); n > 0; --n) {
                    session::Record record{.time = kNow,
                                           .hlc = Hlc((std::uint64_t{1} << 40) + rng.below(99)),
                                           .kiosk = KioskId("entrance"),
                                           .subject = {},
                                           .body = body_of(rng)};
                    if (rng.below(3) > 0) record.subject = MemberId(1 + rng.below(kMembers));
                    const wire::RecordIdentity identity{shop, agent, 7, Sequence(++sequence)};
                    batch.events.push_back(wire::encode_record(record, identity).value());
                    world.truth.merge({.source = {shop, agent, 7},
                                       .sequence = Sequence(sequence),
                                       .content = bundle::digest_of(view_of(batch.events.back())),
                                       .received = kNow,
                                       .record = record});
                }
                world.batches.push_back(std::move(batch));
            }
        }
    }
    world.truth.erase(kErased);
    return world;
}

/// What a worker does until it is killed or has seen everything: each batch, in its own order.
[[noreturn]] void work(const World& world, const std::string& database, std::uint64_t seed) {
    Rng rng(seed);
    auto connection = open_database(database);
    if (!connection) std::_Exit(2);
    MergeStore store(**connection);
    std::vector<std::size_t> order(world.batches.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
    for (std::size_t i = 0; i < order.size(); ++i) {
        // A deadlock or a lock that is held too long is told as an error and leaves nothing.
        if (!store.merge(world.batches[order[i]], kNow)) --i;
        if (i == order.size() / 2 && !store.erase(kErased, kNow)) std::_Exit(3);
    }
    std::_Exit(0);
}

/// The rows of one table, each as numbers, by key; shops by their place.
using Table = std::map<std::vector<std::int64_t>, std::vector<std::int64_t>>;

Table table_of(sql::Connection& connection, const std::string& sql, int keys, int columns) {
    auto select = connection.prepare(sql).value();
    select.bind();
    Table table;
    while (select.step().value()) {
        std::vector<std::int64_t> key;
        std::vector<std::int64_t> value;
        for (int i = 0; i < columns; ++i) (i < keys ? key : value).push_back(select.integer(i));
        table[key] = value;
    }
    return table;
}

constexpr const char* kPlaceOfShop = "CASE WHEN shop = 'lyon' THEN 0 ELSE 1 END";

template <class Int>
std::int64_t number(Int value) {
    return static_cast<std::int64_t>(value);
}

void expect_interactions(sql::Connection& connection, const merge::MergeState& truth) {
    Table wanted;
    for (std::uint64_t member = 1; member <= kMembers; ++member) {
        for (std::uint32_t offer = 100; offer < 100 + kOffers; ++offer) {
            const auto one = truth.interaction(MemberId(member), OfferId(offer));
            if (one == merge::Interaction{}) continue;
            wanted[{number(member), number(offer)}] = {number(one.dismissed.value()),
                                                       number(one.wanted.value()),
                                                       number(one.last_viewed.value()),
                                                       number(one.viewed),
                                                       number(one.clicked),
                                                       number(one.saved),
                                                       number(one.claimed),
                                                       number(one.dismissals)};
        }
    }
    EXPECT_EQ(table_of(connection,
                       "SELECT member, offer, dismissed, wanted, last_viewed, viewed, clicked, "
                       "saved, claimed, dismissals FROM interactions",
                       2, 10),
              wanted);
}

void expect_counts(sql::Connection& connection, const merge::MergeState& truth, std::int32_t day) {
    Table offers;
    Table shops;
    for (std::size_t shop = 0; shop < kShops.size(); ++shop) {
        for (std::uint32_t offer = 100; offer < 100 + kOffers; ++offer) {
            for (const auto path :
                 {offers::Path::mass, offers::Path::group, offers::Path::personal}) {
                const auto one = truth.offer_counts({kShops[shop], day, OfferId(offer), path});
                if (one == merge::OfferCounts{}) continue;
                offers[{number(shop), number(offer), number(path)}] = {
                    number(one.viewed), number(one.clicked),   number(one.dismissed),
                    number(one.saved),  number(one.explained), number(one.claimed)};
            }
        }
        const auto one = truth.store_counts({kShops[shop], day});
        shops[{number(shop)}] = {number(one.visits), number(one.visits_ended), number(one.touches),
                                 number(one.decisions)};
    }
    EXPECT_EQ(table_of(connection,
                       std::string("SELECT ") + kPlaceOfShop +
                           ", offer, path, viewed, clicked, dismissed, saved, explained, claimed "
                           "FROM offer_counts",
                       3, 9),
              offers);
    EXPECT_EQ(table_of(connection,
                       std::string("SELECT ") + kPlaceOfShop +
                           ", visits, visits_ended, touches, decisions FROM shop_counts",
                       1, 5),
              shops);
}

void expect_consents(sql::Connection& connection, const merge::MergeState& truth) {
    Table wanted;
    for (std::uint64_t member = 1; member <= kMembers; ++member) {
        for (const auto purpose : consent::kPurposes) {
            const consent::State one = truth.consents(MemberId(member)).of(purpose);
            if (one == consent::State{}) continue;
            wanted[{number(member), number(purpose)}] = {number(one.withdrawal), number(one.paused),
                                                         number(one.granted), number(one.grant)};
        }
    }
    EXPECT_EQ(table_of(connection,
                       "SELECT member, purpose, withdrawal, paused, granted, grant_version FROM "
                       "consents WHERE withdrawal > 0 OR granted = 1",
                       2, 6),
              wanted);
}

TEST(Workers, LeaveWhatTheRecordsComeToWhicheverOfThemIsKilled) {
    const World world = world_of(20260102, 12);
    const SharedDatabase database;
    ASSERT_TRUE(open_database(database.name()).has_value());
    Rng rng(5);
    std::array<pid_t, 3> workers{};
    for (int kills = 0; kills < 12; ++kills) {
        for (pid_t& worker : workers) {
            if (worker != 0) continue;
            worker = ::fork();
            if (worker == 0) work(world, database.name(), rng.next());
            (void)rng.next();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5 + rng.below(60)));
        pid_t& victim = workers[rng.below(workers.size())];
        ::kill(victim, SIGKILL);
        ::waitpid(victim, nullptr, 0);
        victim = 0;
    }
    for (const pid_t worker : workers) {
        if (worker != 0) ::waitpid(worker, nullptr, 0);
    }
    int status = 0;
    const pid_t last = ::fork();
    if (last == 0) work(world, database.name(), 99);
    ::waitpid(last, &status, 0);
    ASSERT_EQ(status, 0);

    const auto connection = open_database(database.name()).value();
    std::uint64_t events = 0;
    for (const Batch& batch : world.batches) events += batch.events.size();
    EXPECT_EQ(connection->integer_of("SELECT count(*) FROM events").value(), number(events));
    EXPECT_EQ(connection->integer_of("SELECT sum(records) FROM sources").value(), number(events));
    EXPECT_EQ(connection->integer_of("SELECT count(*) FROM dead_letters").value(), 0);
    EXPECT_EQ(connection->integer_of("SELECT count(*) FROM events WHERE member = 2").value(), 0);
    expect_interactions(*connection, world.truth);
    const std::int32_t day = day_of(wall_of(Hlc(std::uint64_t{1} << 40)));
    expect_counts(*connection, world.truth, day);
    expect_consents(*connection, world.truth);
}

TEST(Workers, OneLeadsAndAnotherTakesOverWhenItGoes) {
    const SharedDatabase database;
    auto first = open_database(database.name()).value();
    auto second = open_database(database.name()).value();
    EXPECT_TRUE(first->try_to_lead().value());
    EXPECT_TRUE(first->try_to_lead().value()) << "asking again changes nothing";
    EXPECT_EQ(second->try_to_lead().value(), !database.on_server())
        << "a file has one centre: it always leads";
    first.reset();
    Leadership leadership(*second);
    // A server notices a moment later that somebody went.
    for (int second_on = 1; second_on < 100 && !leadership.leads(); ++second_on) {
        ASSERT_TRUE(leadership.tick(Instant(std::chrono::seconds(second_on))).has_value());
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(leadership.leads());
}

TEST(Workers, WhatOneMergedIsNewsForTheOneThatLeads) {
    const SharedDatabase database;
    auto first = open_database(database.name()).value();
    auto second = open_database(database.name()).value();
    MergeStore merging(*first);
    MergeStore leading(*second);
    const std::int64_t before = leading.news().value();
    const auto batch = [](std::uint64_t sequence, session::RecordBody body) {
        return Batch{kLyon, kAgent, {event(sequence, std::move(body))}, {}};
    };
    ASSERT_TRUE(merging.merge(batch(1, click()), kNow).has_value());
    EXPECT_EQ(leading.news().value(), before) << "a click is no news for shops";
    PromotionTouched dismissal = click();
    dismissal.kind = PromotionTouched::Kind::dismissed;
    ASSERT_TRUE(merging.merge(batch(2, dismissal), kNow).has_value());
    EXPECT_GT(leading.news().value(), before);
}

}  // namespace
}  // namespace vitrine::central
