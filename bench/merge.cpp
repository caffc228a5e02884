// S5 of the targets: the centre on PostgreSQL, two workers with full merge semantics, beside COPY
// of the same rows into a table without an index; and the same batches on SQLite.

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <pqxx/pqxx>

#include "agent/base/random.hpp"
#include "bench/figure.hpp"
#include "sync/bundle/keys.hpp"
#include "sync/central/merge_store.hpp"
#include "sync/central/schema.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kShops = 20;
constexpr std::size_t kBatches = 400;
constexpr std::size_t kEventsABatch = 500;
constexpr double kEvents = kBatches * kEventsABatch;
constexpr int kRuns = 3;
constexpr WallTime kNow = wall_at(std::chrono::hours(24 * 20'000 + 12));

/// A visit: it begins, a screen is shown, sometimes touched, it ends. One in five is a member's who
/// lets the shop measure; the others name nobody.
class Visits {
  public:
    explicit Visits(std::uint64_t seed) : rng_(seed) {}

    session::Record next() {
        if (step_ == 0) {
            member_ =
                rng_.below(5) == 0 ? std::optional(MemberId(1 + rng_.below(20'000))) : std::nullopt;
            visit_ = rng_.next();
        }
        session::Record record{.time = kNow,
                               .hlc = Hlc((std::uint64_t{1} << 56) + ++count_),
                               .kiosk = KioskId("entrance"),
                               .subject = member_,
                               .body = body()};
        step_ = (step_ + 1) % 4;
        return record;
    }

  private:
    session::RecordBody body() {
        if (step_ == 0) return session::VisitStarted{visit_};
        if (step_ == 3) return session::VisitEnded{visit_, 40, 1};
        const auto path = member_ ? offers::Path::personal : offers::Path::mass;
        if (step_ == 2) {
            return session::PromotionTouched{.kind = session::PromotionTouched::Kind::clicked,
                                             .visit = visit_,
                                             .decision = DecisionId(visit_),
                                             .offer = offer(0),
                                             .probability = 0.5F,
                                             .path = path};
        }
        session::PromotionViewed viewed;
        viewed.visit = visit_;
        viewed.decision.id = DecisionId(visit_);
        viewed.decision.path = path;
        viewed.decision.slot_count = 3;
        for (std::uint32_t i = 0; i < 3; ++i) {
            viewed.decision.slots[i] = {.offer = offer(i), .probability = 0.5F};
        }
        return viewed;
    }
    OfferId offer(std::uint32_t slot) {
        return OfferId(1 + slot * 70 + static_cast<std::uint32_t>(rng_.below(70)));
    }

    Rng rng_;
    std::optional<MemberId> member_;
    std::uint64_t visit_ = 0;
    std::uint64_t count_ = 0;
    int step_ = 0;
};

std::vector<central::Batch> all_batches() {
    std::vector<central::Batch> batches;
    std::vector<Visits> visits;
    for (std::size_t shop = 0; shop < kShops; ++shop) visits.emplace_back(shop + 1);
    for (std::size_t i = 0; i < kBatches; ++i) {
        const std::size_t shop = i % kShops;
        central::Batch batch{.store = StoreId::parse("shop-" + std::to_string(shop)).value(),
                             .agent = AgentId("agent-1")};
        for (std::size_t n = 0; n < kEventsABatch; ++n) {
            const Sequence sequence(i / kShops * kEventsABatch + n + 1);
            batch.events.push_back(
                wire::encode_record(visits[shop].next(), {batch.store, batch.agent, 7, sequence})
                    .value());
        }
        batches.push_back(std::move(batch));
    }
    return batches;
}

/// Each worker is a process of its own, as in a centre; worker k takes every k-th batch.
void merge_with(std::size_t workers, const std::string& database,
                const std::vector<central::Batch>& batches) {
    for (std::size_t k = 0; k < workers; ++k) {
        if (::fork() != 0) continue;
        auto connection = central::open_database(database);
        if (!connection) std::_Exit(1);
        central::MergeStore store(**connection);
        for (std::size_t i = 0; i < batches.size(); ++i) {
            // Batches of one agent go to now this worker, now that.
            if ((i + i / kShops) % workers != k) continue;
            const auto report = store.merge(batches[i], kNow);
            if (!report || report->merged != kEventsABatch) std::_Exit(1);
        }
        std::_Exit(0);
    }
    for (std::size_t k = 0; k < workers; ++k) {
        int status = 0;
        CHECK(::wait(&status) > 0 && status == 0);
    }
}

/// The rows that a merge keeps of its events, and nothing else.
void copy(const std::string& server, const std::vector<central::Batch>& batches) {
    pqxx::connection connection(server);
    pqxx::work work(connection);
    pqxx::stream_to stream(work, "bulk");
    for (const central::Batch& batch : batches) {
        std::int64_t sequence = 0;
        for (const std::string& event : batch.events) {
            const std::string digest = "\\x" + to_hex(ByteView(bundle::digest_of(view_of(event))));
            stream << std::make_tuple(batch.store.str(), batch.agent.str(), 7, ++sequence,
                                      std::string("vitrine.visit.started.v1"), 1, 1, 0, digest,
                                      event);
        }
    }
    stream.complete();
    work.commit();
}

class Server {
  public:
    explicit Server(std::string url) : url_(std::move(url)) {}

    /// A schema of its own, so that each run begins with empty tables.
    std::string fresh() {
        const std::string schema = "run" + std::to_string(++count_);
        execute("CREATE SCHEMA " + schema);
        const std::string database = url_ + "&options=-csearch_path%3D" + schema;
        CHECK(central::open_database(database).has_value());
        execute("CHECKPOINT");
        return database;
    }
    void prepare_bulk() {
        execute(
            "DROP TABLE IF EXISTS bulk; CREATE TABLE bulk (shop TEXT NOT NULL, agent TEXT NOT "
            "NULL, epoch BIGINT NOT NULL, sequence BIGINT NOT NULL, type TEXT NOT NULL, "
            "received BIGINT NOT NULL, merged BIGINT NOT NULL, member BIGINT NOT NULL, digest "
            "BYTEA NOT NULL, event TEXT NOT NULL); CHECKPOINT");
    }
    const std::string& url() const { return url_; }

  private:
    void execute(const std::string& sql) {
        pqxx::connection connection(url_);
        pqxx::nontransaction work(connection);
        work.exec(sql);
    }
    std::string url_;
    int count_ = 0;
};

void run(Server& server) {
    const auto batches = all_batches();
    bench::Figure two{"merge", "S5 events merged on PostgreSQL by two workers", "1/s"};
    bench::Figure one{"merge", "events merged on PostgreSQL by one worker", "1/s"};
    bench::Figure sqlite{"merge", "events merged on SQLite", "1/s"};
    for (int i = 0; i < kRuns; ++i) {
        server.prepare_bulk();
        const double copied = kEvents / bench::wall_seconds([&] { copy(server.url(), batches); });
        const std::string shared = server.fresh();
        two.add(kEvents / bench::wall_seconds([&] { merge_with(2, shared, batches); }));
        const std::string alone = server.fresh();
        one.add(kEvents / bench::wall_seconds([&] { merge_with(1, alone, batches); }));
        const std::string file = std::filesystem::absolute("bench-merge.db").string();
        sqlite.add(kEvents / bench::wall_seconds([&] { merge_with(1, file, batches); }));
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file + end);
        for (bench::Figure* each : {&two, &one, &sqlite}) {
            each->add_peer("COPY of the same rows, no index", copied);
        }
    }
    for (const bench::Figure* each : {&two, &one, &sqlite}) each->print();
}

}  // namespace
}  // namespace vitrine

int main(int, char** argv) {
    const char* const server = std::getenv("VITRINE_TEST_DATABASE");
    if (server == nullptr) {
        // A server whose commits reach the disk, on the disk that this runs on.
        ::setenv("VITRINE_POSTGRES_DURABLE", "1", 1);
        ::setenv("VITRINE_POSTGRES_IN", std::filesystem::current_path().c_str(), 0);
        const std::string start = VITRINE_SOURCE_DIR "/tests/postgres/with_server.sh";
        ::execl(start.c_str(), start.c_str(), argv[0], nullptr);
        return 1;
    }
    vitrine::Server fresh{server};
    vitrine::run(fresh);
    return 0;
}
