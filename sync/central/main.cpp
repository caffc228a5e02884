#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

#include <sys/random.h>

#include "agent/host/clock.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "agent/host/notify.hpp"
#include "sync/bundle/key_ring.hpp"
#include "sync/central/console.hpp"
#include "sync/central/leadership.hpp"
#include "sync/central/nightly.hpp"
#include "sync/central/schema.hpp"
#include "sync/central/service.hpp"
#include "sync/mqtt/paho_link.hpp"

namespace {

using namespace vitrine;
using namespace std::chrono_literals;

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

struct Options {
    std::string state = "/var/lib/vitrine-central";
    std::string database;
    std::string broker = "mqtt://127.0.0.1:1883";
    std::string tenant;
    std::string ca;
    std::string certificate;
    std::string key;
    std::string log_level = "info";
    int train_seconds = 60;
    int train_outcomes = 20;
    central::Console::Settings console;
};

std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    CHECK(::getrandom(&seed, sizeof seed, 0) == sizeof seed);
    return seed;
}

/// All parts of the centre. One thread, one loop.
class Centre {
  public:
    Centre(const Options& options, TenantId tenant, std::unique_ptr<sql::Connection> connection,
           bundle::SecretKey key, host::Loop& loop, const Clock& clock, host::Log& log)
        : options_(options),
          loop_(loop),
          clock_(clock),
          log_(log),
          rng_(random_seed()),
          connection_(std::move(connection)),
          key_(std::move(key)),
          publisher_({.tenant = tenant, .shops_at_once = 1}, *connection_, members_, trainer_,
                     key_),
          service_({.tenant = tenant,
                    .train_every = std::chrono::seconds(options.train_seconds),
                    .train_outcomes_min = static_cast<std::uint64_t>(options.train_outcomes)},
                   store_, publisher_, trainer_, log, metrics_),
          overview_({VITRINE_VERSION, clock.wall(), to_hex(key_.public_key())}, *connection_,
                    members_, publisher_, service_, audit_) {}

    Result<void> start(TenantId tenant) {
        console_ = TRY(central::Console::open(
            options_.console, loop_, clock_, metrics_, log_,
            {.overview = overview_, .audit = audit_, .experiments = experiments_}));
        mqtt::Settings settings{
            .broker = options_.broker,
            .client_id = tenant.str() + ".central." + to_text(DecisionId(rng_.next()))};
        if (!options_.ca.empty()) {
            settings.tls = mqtt::Tls{.ca_file = options_.ca,
                                     .cert_file = options_.certificate,
                                     .key_file = options_.key};
        }
        settings.on_trouble = [this](const std::string& reason) {
            log_.warning("trouble with the broker", {{"reason", reason}});
        };
        link_ = TRY(mqtt::PahoLink::create(
            std::move(settings), loop_, rng_, [this](uplink::LinkEvent event) {
                service_.on(event, *link_, clock_.monotonic(), clock_.wall());
                merge_soon();
            }));
        TRY(service_.start(*link_));
        tick_ = loop_.every(250ms, [this] { tick(); });
        hourly_ = loop_.every(central::Experiments::kEvery, [this] { review_experiments(); });
        return {};
    }

    void stop(std::function<void()> done) { console_->stop(std::move(done)); }
    std::uint16_t port() const { return console_->port(); }
    std::string status() const {
        const std::string broker = link_->is_up() ? "broker connected" : "broker out of reach";
        return database_away_ ? broker + ", database out of reach" : broker;
    }

  private:
    /// After the messages that have arrived already.
    void merge_soon() {
        if (merges_soon_ || !service_.has_waiting()) return;
        merges_soon_ = true;
        loop_.post([this] {
            merges_soon_ = false;
            service_.merge_waiting(*link_, clock_.wall());
        });
    }
    void review_experiments() {
        if (!leadership_.leads()) return;
        const auto report = experiments_.json(clock_.wall());
        if (!report) log_.error("experiments", {{"reason", report.error().message}});
    }
    void tick() {
        const auto leads = leadership_.tick(clock_.monotonic());
        if (leads.has_value() == database_away_) {
            database_away_ = !leads;
            if (leads) log_.notice("database reached again");
            if (!leads) log_.error("database out of reach", {{"reason", leads.error().message}});
        }
        // Whoever cannot ask does not lead: another one may, and publish what this one would not
        // know of.
        const bool now_leads = leads && *leads;
        service_.lead(now_leads);
        if (now_leads && !led_) review_experiments();
        led_ = now_leads;
        if (!leads) return;
        service_.tick(*link_, clock_.monotonic(), clock_.wall());
        if (*leads) night();
        console_->tick(service_.revision(), clock_.monotonic());
    }
    void night() {
        if (const auto night = nightly_.tick(clock_.wall()); !night) {
            log_.error("work of the night", {{"reason", night.error().message}});
        } else if (*night) {
            log_.notice("work of the night done");
            console_->refresh();
        }
    }

    const Options& options_;
    host::Loop& loop_;
    const Clock& clock_;
    host::Log& log_;
    host::Metrics metrics_;
    Rng rng_;
    std::unique_ptr<sql::Connection> connection_;
    bundle::SecretKey key_;
    central::MergeStore store_{*connection_};
    central::Members members_{*connection_};
    central::Trainer trainer_{*connection_, store_};
    central::Audit audit_{*connection_};
    central::Experiments experiments_{*connection_};
    central::Nightly nightly_{*connection_, trainer_, audit_};
    central::Leadership leadership_{*connection_};
    central::Publisher publisher_;
    central::Service service_;
    central::Overview overview_;
    std::unique_ptr<central::Console> console_;
    std::unique_ptr<mqtt::PahoLink> link_;
    host::Timer tick_;
    host::Timer hourly_;
    bool database_away_ = false;
    bool led_ = false;
    bool merges_soon_ = false;
};

Result<void> run(const Options& options, host::Log& log, const host::SystemClock& clock) {
    const TenantId tenant = TRY(TenantId::parse(options.tenant).within("--tenant"));
    std::error_code error;
    std::filesystem::create_directories(options.state, error);
    if (error) return unavailable(options.state + ": cannot be made: " + error.message());
    const std::filesystem::path state(options.state);
    auto key = TRY(bundle::KeyRing(state).current());
    auto connection = TRY(central::open_database(
        options.database.empty() ? (state / "central.db").string() : options.database));
    host::Loop loop;
    host::Notify notify(loop);
    Centre centre(options, tenant, std::move(connection), std::move(key), loop, clock, log);
    TRY(loop.handle_signals({.stop = [&] {
        notify.stopping();
        centre.stop([&loop] { loop.stop(); });
    }}));
    TRY(centre.start(tenant));
    log.notice("open", {{"port", centre.port()}});
    notify.ready(centre.status());
    const host::Timer status = loop.every(10s, [&] { notify.status(centre.status()); });
    loop.run();
    log.notice("closed");
    return {};
}

void add_options(CLI::App& app, Options& options) {
    app.add_option("--state", options.state, "Folder of the database and the signing key")
        ->capture_default_str();
    app.add_option("--database", options.database,
                   "postgresql://… of a large centre, which several workers may share; without it, "
                   "central.db in the folder (docs/databases.md)");
    app.add_option("--tenant", options.tenant, "The chain's name in topics")->required();
    app.add_option("--broker", options.broker, "mqtt://host:port or mqtts://host:port")
        ->capture_default_str();
    app.add_option("--ca", options.ca, "Whom to trust (PEM), needed with mqtts");
    app.add_option("--certificate", options.certificate, "This centre's certificate (PEM)");
    app.add_option("--key", options.key, "Its key (PEM)");
    app.add_option("--address", options.console.address, "Where the console listens")
        ->capture_default_str();
    app.add_option("--port", options.console.port, "… and on which port; 0 takes a free one")
        ->capture_default_str();
    app.add_option("--ui", options.console.ui, "Folder of the built pages")->required();
    app.add_option("--users", options.console.users,
                   "Who may log in: see `vitrinectl password --help`");
    app.add_option("--train-every", options.train_seconds,
                   "Seconds between two looks at what shops learned")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    app.add_option("--train-outcomes", options.train_outcomes,
                   "New outcomes that are worth a new model")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--log-level", options.log_level, "debug, info, notice, warning or error")
        ->capture_default_str();
    app.set_version_flag("--version", VITRINE_VERSION);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "vitrine-central: merges what shops send into one truth, learns from it, and sends signed "
        "bundles back.");
    Options options;
    add_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kWrongUsage;
    }
    const host::SystemClock clock;
    const auto level = host::Log::parse_level(options.log_level);
    host::Log log(clock, {.level = level ? *level : host::Level::info});
    if (const auto ran = run(options, log, clock); !ran) {
        log.error("cannot run", {{"reason", ran.error().message}});
        return kFailed;
    }
    return 0;
}
