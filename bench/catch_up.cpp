// S2 and S3 of the targets: a shop that was cut off hands 100,000 records over, durable at both
// ends, beside mosquitto's own bridge with the same bytes; and what is sent twice when broker or
// centre die on the way.
//
//     bench_catch_up [--database URL]

#include <cstring>
#include <functional>
#include <memory>
#include <optional>

#include "agent/daemon/courier.hpp"
#include "agent/host/clock.hpp"
#include "bench/figure.hpp"
#include "bench/mqtt_client.hpp"
#include "bench/processes.hpp"
#include "bench/shop_records.hpp"
#include "sync/wire/ack.hpp"
#include "sync/wire/batch.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBacklog = 100'000;
constexpr int kRuns = 3;

double now() { return bench::seconds_on(CLOCK_MONOTONIC); }

daemon::Config config_of(const std::string& broker) {
    daemon::Config config;
    config.tenant = TenantId::parse("chain").value();
    config.store = StoreId::parse("lyon").value();
    config.agent = AgentId::parse("lyon-1").value();
    config.broker = broker;
    return config;
}

/// The records of one outbox from its first on.
class Backlog {
  public:
    Backlog(const daemon::Config& config, std::uint64_t epoch)
        : store_(config.store), agent_(config.agent), epoch_(epoch) {}
    std::string next() {
        return wire::encode_record(records_.next(clock_.wall()), {.store = store_,
                                                                  .agent = agent_,
                                                                  .epoch = epoch_,
                                                                  .sequence = Sequence(next_++)})
            .value();
    }

  private:
    StoreId store_;
    AgentId agent_;
    std::uint64_t epoch_;
    std::uint64_t next_ = 1;
    host::SystemClock clock_;
    bench::ShopRecords records_{1};
};

/// A shop with a backlog: the agent's own outbox and courier.
class Shop {
  public:
    Shop(const bench::Folder& folder, const std::string& broker)
        : config_(config_of(broker)),
          outbox_(std::move(outbox::Outbox::open(folder.file("outbox"))).value()) {
        Backlog backlog(config_, outbox_.epoch().value());
        for (std::size_t done = 0; done < kBacklog; done += 500) {
            std::vector<std::string> texts;
            for (int i = 0; i < 500; ++i) texts.push_back(backlog.next());
            std::vector<outbox::Entry> entries;
            for (const std::string& text : texts) entries.push_back({view_of(text)});
            CHECK(outbox_.append(entries, {}, clock_.wall()).has_value());
        }
    }

    /// Hands over until the outbox is empty. Nothing after `limit` seconds.
    std::optional<double> hand_over(double limit, const std::function<void(double)>& during) {
        courier_ = daemon::Courier::create(config_, loop_, clock_, log_, outbox_, rng_, {}, hooks())
                       .value();
        CHECK(courier_->start().has_value());
        std::optional<double> begin;
        const double give_up = now() + limit;
        while (outbox_.counts().pending > 0 && now() < give_up) {
            loop_.run_for(2ms);
            courier_->tick(clock_.monotonic());
            if (!begin && courier_->is_up()) begin = now();
            during(static_cast<double>(kBacklog - outbox_.counts().pending) / kBacklog);
        }
        if (outbox_.counts().pending > 0) {
            std::fprintf(stderr, "%zu records left: %s\n",
                         static_cast<std::size_t>(outbox_.counts().pending),
                         courier_->progress().last_trouble.c_str());
            return std::nullopt;
        }
        return now() - begin.value_or(now());
    }
    double resent_share() const {
        return static_cast<double>(courier_->progress().resent) / kBacklog;
    }

  private:
    static daemon::Courier::Hooks hooks() {
        return {.apply = [](const auto&) { return Result<void>(); },
                .weather = [](int) {},
                .stock = [](profiles::Stock) {}};
    }

    daemon::Config config_;
    host::Loop loop_;
    host::SystemClock clock_;
    host::Log log_{clock_, {.level = host::Level::error}};
    Rng rng_{1};
    outbox::Outbox outbox_;
    std::unique_ptr<daemon::Courier> courier_;
};

/// Broker and centre, either of which can be killed and started anew.
struct HeadOffice {
    explicit HeadOffice(std::string database_url) : database(std::move(database_url)) {
        start_broker();
        start_centre();
    }
    void start_broker() { broker = std::make_unique<bench::Mosquitto>(folder, "broker", port); }
    void start_centre() {
        centre = std::make_unique<bench::CentreProgram>(
            folder, "chain", "mqtt://127.0.0.1:" + std::to_string(port), database);
    }
    bool ready() const { return broker->ready() && centre->ready(); }

    bench::Folder folder{"catch-up"};
    int port = bench::free_port();
    std::string database;
    std::unique_ptr<bench::Mosquitto> broker;
    std::unique_ptr<bench::CentreProgram> centre;
};

/// Records a second through agent, broker and centre.
std::optional<double> ours(const std::string& database) {
    HeadOffice office(database);
    if (!office.ready()) return std::nullopt;
    Shop shop(office.folder, office.broker->url());
    const auto seconds = shop.hand_over(120, [](double) {});
    if (!seconds) return std::nullopt;
    return kBacklog / *seconds;
}

/// The share that is sent twice when something dies with `at` of the backlog handed over.
std::optional<double> resent(const std::string& database, const std::vector<double>& at,
                             const std::function<void(HeadOffice&)>& fault) {
    HeadOffice office(database);
    if (!office.ready()) return std::nullopt;
    Shop shop(office.folder, office.broker->url());
    std::size_t struck = 0;
    const auto seconds = shop.hand_over(240, [&](double done) {
        if (struck >= at.size() || done < at[struck]) return;
        fault(office);
        ++struck;
    });
    if (!seconds || struck < at.size()) return std::nullopt;
    return shop.resent_share() / static_cast<double>(at.size());
}

/// mosquitto's own bridge: a broker in the shop holds one message a record while head office is out
/// of reach. It acknowledged them all; what it keeps on disk it writes once in half an hour.
class Bridge {
  public:
    /// Messages a second, from the first to arrive to the last.
    std::optional<double> measure() {
        const std::string persistence = "persistence true\npersistence_location ";
        bench::Mosquitto near(folder_, "near", bench::free_port(),
                              persistence + folder_.file("") +
                                  "\npersistence_file near.db\nconnection office\naddress "
                                  "127.0.0.1:" +
                                  std::to_string(far_port_) +
                                  "\ntopic up out 1\ncleansession false\nrestart_timeout 1\n");
        if (!near.ready() || !fill(near.port())) return std::nullopt;
        bench::Mosquitto far(folder_, "far", far_port_,
                             persistence + folder_.file("") + "\npersistence_file far.db\n");
        if (!far.ready()) return std::nullopt;
        return drain();
    }

  private:
    bool wait(double seconds, const std::function<bool()>& done) {
        const double limit = now() + seconds;
        while (!done() && now() < limit) loop_.run_for(5ms);
        return done();
    }

    bool fill(int port) {
        Backlog backlog(config_of(""), 1);
        std::size_t sent = 0;
        std::size_t taken = 0;
        bench::MqttClient client(loop_, "shop",
                                 {.up = [] {},
                                  .down = [] {},
                                  .puback = [&](std::uint16_t, bool) { ++taken; },
                                  .message = [](std::string_view, std::string_view) {}});
        client.connect_to(port);
        return wait(5, [&] { return client.up(); }) && wait(120, [&] {
                   while (sent < kBacklog && sent < taken + 20) {
                       const std::string text = backlog.next();
                       client.publish("up", view_of(text), "", {});
                       ++sent;
                   }
                   return taken == kBacklog;
               });
    }

    /// A subscriber at head office, there before the bridge is.
    std::optional<double> drain() {
        std::size_t arrived = 0;
        double first = 0;
        bench::MqttClient client(loop_, "office",
                                 {.up = [] {},
                                  .down = [] {},
                                  .puback = [](std::uint16_t, bool) {},
                                  .message =
                                      [&](std::string_view, std::string_view) {
                                          if (arrived++ == 0) first = now();
                                      }});
        client.connect_to(far_port_);
        if (!wait(5, [&] { return client.up(); })) return std::nullopt;
        client.subscribe("up", 1);
        if (!wait(120, [&] { return arrived >= kBacklog; })) {
            std::fprintf(stderr, "the bridge brought %zu of %zu\n", arrived, kBacklog);
            return std::nullopt;
        }
        return kBacklog / (now() - first);
    }

    bench::Folder folder_{"bridge"};
    int far_port_ = bench::free_port();
    host::Loop loop_;
};

bool s2(const std::string& database) {
    bench::Figure speed("catch_up", "S2 catch-up of 100,000 records, durable at both ends",
                        "records/s");
    for (int run = 0; run < kRuns; ++run) {
        const auto rate = ours(database);
        const auto peer = Bridge().measure();
        if (!rate || !peer) return false;
        std::fprintf(stderr, "ours %.0f, the bridge %.0f records/s\n", *rate, *peer);
        speed.add(*rate);
        speed.add_peer("mosquitto's bridge, a message a record, from memory", *peer);
    }
    speed.print();
    return true;
}

bool s3(const std::string& database) {
    struct Fault {
        const char* name;
        std::function<void(HeadOffice&)> strike;
    };
    const std::vector<Fault> faults = {{"broker",
                                        [](HeadOffice& office) {
                                            office.broker.reset();
                                            office.start_broker();
                                        }},
                                       {"centre", [](HeadOffice& office) {
                                            office.centre.reset();
                                            office.start_centre();
                                        }}};
    for (const Fault& fault : faults) {
        bench::Figure share("catch_up",
                            std::string("S3 sent again after kill -9 of the ") + fault.name +
                                " in the middle of the catch-up",
                            "%");
        for (int run = 0; run < kRuns; ++run) {
            const auto sent_again = resent(database, {0.2, 0.5, 0.8}, fault.strike);
            if (!sent_again) return false;
            share.add(100 * *sent_again);
        }
        share.print();
    }
    return true;
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) {
    std::string database;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "--database") == 0) database = argv[i + 1];
    }
    const bool fast = vitrine::s2(database);
    const bool thrifty = vitrine::s3(database);
    return fast && thrifty ? 0 : 1;
}
