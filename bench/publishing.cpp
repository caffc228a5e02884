// What it costs the centre to bring bundles to many shops: time, memory and bytes, of everything
// for the first time and of a change of a hundred profiles. There is no broker: what goes to it is
// counted and dropped.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <unistd.h>

#include "agent/base/random.hpp"
#include "agent/host/clock.hpp"
#include "bench/agent_process.hpp"
#include "bench/figure.hpp"
#include "sync/central/enrolment.hpp"
#include "sync/central/publisher.hpp"
#include "sync/central/schema.hpp"

namespace vitrine {
namespace {

constexpr std::uint64_t kMembers = 20'000;

class Counting final : public uplink::Link {
  public:
    Result<uplink::Ticket> publish(uplink::Publication publication) override {
        bytes += static_cast<double>(publication.payload.size());
        return uplink::Ticket(++tickets);
    }
    Result<void> subscribe(std::string, uplink::Qos) override { return {}; }
    bool is_up() const override { return true; }

    double bytes = 0;
    std::uint64_t tickets = 0;
};

MemberId member(std::uint64_t number) { return MemberId(number * 0x9e3779b97f4a7c15); }

/// Everybody allows everything and buys a little; some were seen in some shop.
void fill(sql::Connection& connection, std::uint64_t stores, WallTime now) {
    auto transaction = sql::Transaction::begin(connection).value();
    central::Members members(connection);
    Rng rng(1);
    for (std::uint64_t i = 1; i <= stores; ++i) {
        central::add_shop(connection, StoreId::parse("shop-" + std::to_string(i)).value()).value();
    }
    auto consent = connection
                       .prepare(
                           "INSERT INTO consents (member, purpose, withdrawal, paused, "
                           "granted, grant_version, valid_until) VALUES (?, ?, 0, 0, 1, 1, "
                           "9223372036854775807)")
                       .value();
    auto seen = connection
                    .prepare(
                        "INSERT INTO member_days (member, day, offer, shop, viewed, tailored, "
                        "clicked, saved, claimed) VALUES (?, ?, ?, ?, 1, 1, 0, 0, 0)")
                    .value();
    const std::int32_t today = day_of(now);
    for (std::uint64_t i = 1; i <= kMembers; ++i) {
        central::Member one{.id = member(i), .level = profiles::Level::full};
        for (auto& byte : one.key.bytes) byte = static_cast<std::uint8_t>(rng.below(256));
        members.enrol(one).value();
        for (int purpose = 0; purpose < 5; ++purpose) {
            consent.bind(member(i).value(), purpose).run().value();
        }
        for (int k = 0; k < 12; ++k) {
            const auto product = static_cast<std::uint32_t>(1 + rng.below(500));
            const auto day = today - static_cast<std::int32_t>(rng.below(80));
            members
                .bought(member(i),
                        {.day = day,
                         .product = ProductId(product),
                         .category = CategoryId(static_cast<std::uint16_t>(product % 40 + 1)),
                         .quantity = 1,
                         .cents = 300})
                .value();
        }
        if (i % 10 != 0) continue;
        const std::string shop = "shop-" + std::to_string(1 + rng.below(stores));
        seen.bind(member(i).value(), today - 1, static_cast<int>(rng.below(200)) + 1, shop)
            .run()
            .value();
    }
    transaction.commit().value();
}

struct Round {
    double seconds = 0;
    double megabytes = 0;
};

Round publish(central::Publisher& publisher, Counting& link, WallTime now) {
    const double begin = bench::seconds_on(CLOCK_PROCESS_CPUTIME_ID);
    const double before = link.bytes;
    publisher.touched_all();
    publisher.refresh(now).value();
    publisher.pump(link);
    return {bench::seconds_on(CLOCK_PROCESS_CPUTIME_ID) - begin, (link.bytes - before) / 1e6};
}

void print(const std::string& what, double value, const char* unit) {
    bench::Figure figure("publishing", what, unit);
    figure.add(value);
    figure.print();
}

void measure(const std::filesystem::path& folder, std::uint64_t stores) {
    const WallTime now = host::SystemClock().wall();
    auto connection = central::open_database((folder / "central.db").string()).value();
    fill(*connection, stores, now);
    central::MergeStore store(*connection);
    central::Members members(*connection);
    central::Trainer trainer(*connection, store);
    const bundle::SecretKey key = bundle::SecretKey::from_seed({1, 2, 3});
    central::Publisher publisher({TenantId("bench")}, *connection, members, trainer, key);
    Counting link;
    const std::string to = " to " + std::to_string(stores) + " shops with 20,000 members";
    const Round first = publish(publisher, link, now);
    print("everything for the first time" + to, first.seconds, "s of CPU");
    print("its bytes", first.megabytes, "MB");
    for (std::uint64_t i = 1; i <= 100; ++i) {
        members
            .bought(member(i * 97), {.day = day_of(now),
                                     .product = ProductId(7),
                                     .category = CategoryId(7),
                                     .quantity = 1,
                                     .cents = 500})
            .value();
    }
    const Round change = publish(publisher, link, now + std::chrono::seconds(5));
    print("a hundred changed profiles" + to, change.seconds, "s of CPU");
    print("their bytes", change.megabytes, "MB");
    print("resident memory after both", bench::status_kb(getpid(), "VmRSS") / 1e3, "MB");
    print("resident memory at most", bench::status_kb(getpid(), "VmHWM") / 1e3, "MB");
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("vitrine-publishing-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    vitrine::measure(folder, argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20);
    std::filesystem::remove_all(folder);
}
