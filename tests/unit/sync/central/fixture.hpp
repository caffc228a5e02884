#pragma once

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "sync/central/enrolment.hpp"
#include "sync/central/members.hpp"
#include "sync/central/merge_store.hpp"
#include "sync/central/schema.hpp"
#include "sync/central/trainer.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine::central {

inline constexpr WallTime kNow = wall_at(std::chrono::hours(24 * 20'000 + 12));
inline constexpr MemberId kAna(0xa1);
inline constexpr StoreId kLyon("lyon");
inline constexpr AgentId kAgent("lyon-1");

/// Where a test's tables go: in memory, or, where VITRINE_TEST_DATABASE names a PostgreSQL, in a
/// schema of their own there (tests/postgres/with_server.sh).
inline std::string fresh_database() {
    const char* const server = std::getenv("VITRINE_TEST_DATABASE");
    if (server == nullptr) return ":memory:";
    static int count = 0;
    const std::string schema = "t" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    CHECK(sql::open(server).value()->execute("CREATE SCHEMA " + schema).has_value());
    return std::string(server) + "&options=-csearch_path%3D" + schema;
}

/// A centre's database, for one test.
class Centre {
  public:
    const std::string database = fresh_database();
    std::unique_ptr<sql::Connection> opened = open_database(database).value();
    sql::Connection& connection = *opened;
    MergeStore store{connection};
    Members members{connection};
    Trainer trainer{connection, store};

    std::int64_t number(const std::string& sql) { return connection.integer_of(sql).value(); }

    ImportReport enrol(const std::string& rows) {
        std::istringstream in(rows);
        return import_members(connection, in, kNow).value();
    }
    ImportReport buy(const std::string& rows) {
        std::istringstream in(rows);
        return import_purchases(connection, in, kNow).value();
    }

    ImportReport visit(const std::string& rows) {
        std::istringstream in(rows);
        return import_visits(connection, in, kNow).value();
    }
    /// The profile of the only member, as a shop is told.
    profiles::Profile profile_in(StoreId shop, WallTime now = kNow) {
        auto bundle = members.profiles(now).value();
        CHECK(members.add_seen_elsewhere(shop, bundle, now).has_value());
        CHECK(bundle.profiles.size() == 1);
        return bundle.profiles[0];
    }

    Result<MergeReport> merge(std::vector<std::string> events, std::optional<Sequence> floor = {}) {
        return store.merge(
            {.store = kLyon, .agent = kAgent, .events = std::move(events), .floor = floor}, kNow);
    }
};

inline std::string event(std::uint64_t sequence, session::RecordBody body,
                         std::optional<MemberId> subject = kAna, std::uint64_t epoch = 5,
                         AgentId agent = kAgent) {
    const session::Record record{
        .time = kNow,
        .hlc = Hlc((static_cast<std::uint64_t>(kNow.time_since_epoch().count()) << 16) + sequence),
        .kiosk = KioskId("kiosk-1"),
        .subject = subject,
        .body = std::move(body)};
    return wire::encode_record(record, {kLyon, agent, epoch, Sequence(sequence)}).value();
}

inline session::PromotionTouched click(std::uint32_t offer = 100) {
    return {.kind = session::PromotionTouched::Kind::clicked,
            .visit = 9,
            .decision = DecisionId(3),
            .offer = OfferId(offer),
            .probability = 0.5F,
            .path = offers::Path::personal};
}

inline const std::string kAnaRow =
    R"({"member":"00000000000000a1","identity_key":"000102030405060708090a0b0c0d0e0f","level":"full","language":"fr",)"
    R"("favourites":[41],"calls_me":"Ana","recognise":true,"personalise":true,"staff_view":true})";

}  // namespace vitrine::central
