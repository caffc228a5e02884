// A chain's agents against one broker and one centre, all real but the agents: how many records a
// second become durable, how long until the centre says so, and what happens when the broker that
// thousands are connected to starts anew.
//
//     bench_fleet [--smoke] [--agents N] [--rate RECORDS_A_SECOND] [--database URL]
//
// It fails when an agent does not come back or a record is not acknowledged in the end; --smoke is
// ten seconds of it, as a test.

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>

#include "agent/host/clock.hpp"
#include "bench/agent_process.hpp"
#include "bench/figure.hpp"
#include "bench/mqtt_client.hpp"
#include "bench/shop_records.hpp"
#include "sync/bundle/topics.hpp"
#include "sync/mqtt/paho_link.hpp"
#include "sync/wire/ack.hpp"
#include "sync/wire/batch.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatchRecords = 10;
constexpr std::size_t kWindow = 8;
constexpr double kAckTimeout = 5;
constexpr double kSettle = 0.5;

struct Options {
    std::size_t agents = 2000;
    double rate = 2000;
    int steady_seconds = 15;
    bool smoke = false;
    std::string database;
};

/// What all agents share.
struct Fleet {
    host::Loop loop;
    host::SystemClock clock;
    Rng rng{42};
    TenantId tenant = TenantId::parse("chain").value();
    int port = 0;
    mqtt::Settings link;        ///< How they return after a loss.
    bool trading = false;       ///< New records come.
    std::size_t depth = 1;      ///< Batches that an agent has under way at most.
    std::vector<double> ups;    ///< When connections were made.
    std::vector<double> waits;  ///< From publishing to the centre's word, in seconds.
    std::uint64_t sent = 0;
    std::uint64_t resent = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t refused = 0;
};

double now() { return bench::seconds_on(CLOCK_MONOTONIC); }

/// One shop: numbers its records, keeps what is not acknowledged, sends it again.
class Agent {
  public:
    Agent(Fleet& fleet, std::size_t number)
        : fleet_(fleet),
          store_(StoreId::parse("shop-" + std::to_string(number)).value()),
          agent_(AgentId::parse("agent-" + std::to_string(number)).value()),
          up_topic_(bundle::format_topic({fleet.tenant, store_, bundle::AgentUp{agent_}})),
          ack_topic_(bundle::ack_filter(fleet.tenant, store_, agent_)),
          epoch_(fleet.rng.next() | 1),
          rng_(number),
          records_(number),
          client_(fleet.loop, "agent-" + std::to_string(number),
                  {.up = [this] { on_up(); },
                   .down = [this] { on_down(); },
                   .puback = [this](std::uint16_t,
                                    bool refused) { fleet_.refused += refused ? 1U : 0U; },
                   .message = [this](std::string_view,
                                     std::string_view payload) { on_ack(payload); }}) {}

    void connect() { client_.connect_to(fleet_.port); }
    bool up() const { return client_.up(); }
    bool settled() const { return batches_.empty(); }
    std::uint64_t written() const { return next_ - 1; }

    /// A batch of new records, if the window has room; sends again what waited too long.
    void trade() {
        if (!up()) return;
        for (Batch& batch : batches_) {
            if (now() - batch.sent_at > kAckTimeout) publish(batch);
            if (asking_) return;
        }
        while (fleet_.trading && batches_.size() < fleet_.depth) {
            batches_.push_back(write());
            publish(batches_.back());
            if (fleet_.depth < kWindow) return;
        }
    }

  private:
    struct Batch {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        Bytes payload;
        double sent_at = 0;
        bool sent = false;
        bool again = false;
    };

    Batch write() {
        Batch batch{.first = next_};
        std::vector<std::string> events;
        for (std::size_t i = 0; i < kBatchRecords; ++i) {
            events.push_back(wire::encode_record(records_.next(fleet_.clock.wall()),
                                                 {store_, agent_, epoch_, Sequence(next_++)})
                                 .value());
        }
        const std::vector<std::string_view> views(events.begin(), events.end());
        batch.payload = wire::encode_batch(views);
        batch.last = next_ - 1;
        return batch;
    }

    void publish(Batch& batch) {
        client_.publish(up_topic_, batch.payload, wire::kBatchContentType,
                        {{std::string(wire::kEncodingProperty), std::string(wire::kZstd)},
                         {std::string(wire::kFloorProperty), std::to_string(batches_[0].first)}});
        (batch.sent ? fleet_.resent : fleet_.sent) += kBatchRecords;
        batch.again = batch.sent;
        batch.sent = true;
        batch.sent_at = now();
    }

    void on_up() {
        failures_ = 0;
        was_up_ = true;
        fleet_.ups.push_back(now());
        client_.subscribe(ack_topic_, 0);
        asking_ = !batches_.empty();
        if (asking_) publish(batches_.front());
    }

    void on_down() {
        const auto pause = mqtt::pause_before_attempt(fleet_.link, failures_++, was_up_, rng_);
        again_ = fleet_.loop.after(pause, [this] { connect(); });
    }

    void on_ack(std::string_view payload) {
        const auto ack = wire::decode_ack(payload);
        if (!ack || ack->epoch != epoch_) return;
        std::erase_if(batches_, [&](const Batch& batch) {
            bool whole = batch.last <= ack->watermark.value();
            for (const auto& [first, last] : ack->ranges) {
                whole |= first.value() <= batch.first && batch.last <= last.value();
            }
            if (!whole) return false;
            if (!batch.again) fleet_.waits.push_back(now() - batch.sent_at);
            fleet_.acknowledged += batch.last - batch.first + 1;
            return true;
        });
        if (std::exchange(asking_, false)) {  // What it did not mention may be on its way to it.
            for (Batch& batch : batches_) batch.sent_at = now() - kAckTimeout + kSettle;
        }
        if (fleet_.depth >= kWindow) trade();
    }

    Fleet& fleet_;
    StoreId store_;
    AgentId agent_;
    std::string up_topic_;
    std::string ack_topic_;
    std::uint64_t epoch_;
    Rng rng_;
    bench::ShopRecords records_;
    std::uint64_t next_ = 1;
    std::deque<Batch> batches_;
    bool asking_ = false;  ///< After a return the oldest batch asks, as sync/uplink does.
    unsigned failures_ = 0;
    bool was_up_ = false;
    host::Timer again_;
    bench::MqttClient client_;
};

/// The most of `times` that lie within one second.
double peak_rate(const std::vector<double>& times) {
    std::size_t best = 0;
    std::size_t begin = 0;
    for (std::size_t end = 0; end < times.size(); ++end) {
        while (times[end] - times[begin] > 1) ++begin;
        best = std::max(best, end - begin + 1);
    }
    return static_cast<double>(best);
}

class Run {
  public:
    explicit Run(const Options& options)
        : options_(options), folder_("fleet"), port_(bench::free_port()) {
        fleet_.port = port_;
        start_broker();
        if (broker_->ready()) {
            centre_ = std::make_unique<bench::CentreProgram>(folder_, "chain", broker_->url(),
                                                             options_.database);
        }
        for (std::size_t i = 0; i < options_.agents; ++i) {
            agents_.push_back(std::make_unique<Agent>(fleet_, i + 1));
        }
    }

    /// False when something that was promised did not happen.
    bool measure() {
        if (!broker_->ready() || !centre_ || !centre_->ready()) {
            std::fprintf(stderr, "the broker or the centre did not start\n");
            return false;
        }
        if (!connect_all() || !steady()) return false;
        if (options_.smoke) return storm(2'000ms, "spread over 2 s") && fleet_.refused == 0;
        if (!flat_out()) return false;
        if (!storm(0ms, "without spread") || !storm(10'000ms, "spread over 10 s")) return false;
        bench::Figure share("fleet", "records sent again, broker started anew twice", "%");
        share.add(100 * static_cast<double>(fleet_.resent) / static_cast<double>(fleet_.sent));
        share.print();
        memory();
        return fleet_.refused == 0;
    }

  private:
    void start_broker() { broker_ = std::make_unique<bench::Mosquitto>(folder_, "broker", port_); }
    template <class Done>
    bool wait(double seconds, std::string_view what, Done done) {
        const double limit = now() + seconds;
        while (!done()) {
            fleet_.loop.run_for(10ms);
            if (now() <= limit) continue;
            std::fprintf(stderr, "gave up after %.0f s: %.*s\n", seconds,
                         static_cast<int>(what.size()), what.data());
            return false;
        }
        return true;
    }
    bool all_up() const {
        return std::ranges::all_of(agents_, [](const auto& agent) { return agent->up(); });
    }
    bool all_settled() const {
        return std::ranges::all_of(agents_, [](const auto& agent) { return agent->settled(); });
    }

    bool connect_all() {
        const double begin = now();
        std::size_t next = 0;
        const host::Timer pace = fleet_.loop.every(1ms, [&] {
            for (int i = 0; i < 10 && next < agents_.size(); ++i) agents_[next++]->connect();
        });
        if (!wait(60, "all agents connected", [&] { return all_up(); })) return false;
        bench::Figure rate("fleet", "connections made a second", "1/s");
        rate.add(static_cast<double>(agents_.size()) / (now() - begin));
        rate.print();
        bench::Figure connected("fleet", "agents connected", "agents");
        connected.add(static_cast<double>(agents_.size()));
        connected.print();
        return true;
    }

    /// All agents trade in turn, so that together they write `rate` records a second.
    host::Timer trade_in_turn() {
        const double batches_a_second = options_.rate / kBatchRecords;
        turn_began_ = now();
        turns_ = 0;
        return fleet_.loop.every(5ms, [this, batches_a_second] {
            const auto due = static_cast<std::uint64_t>((now() - turn_began_) * batches_a_second);
            for (; turns_ < due; ++turns_) agents_[turns_ % agents_.size()]->trade();
        });
    }
    bool settle(std::string_view when) {
        fleet_.trading = false;
        const host::Timer again = fleet_.loop.every(1s, [this] {
            for (auto& agent : agents_) agent->trade();
        });
        return wait(60, "all records acknowledged " + std::string(when),
                    [&] { return all_settled(); });
    }

    bool steady() {
        fleet_.trading = true;
        fleet_.depth = 2;
        const std::uint64_t before = fleet_.acknowledged;
        const double begin = now();
        {
            const host::Timer turns = trade_in_turn();
            fleet_.loop.run_for(std::chrono::seconds(options_.steady_seconds));
            if (!settle("at a steady rate")) return false;
        }
        const auto records = static_cast<double>(fleet_.acknowledged - before);
        bench::Figure rate("fleet", "records durable at the centre, steady", "records/s");
        rate.add(records / (now() - begin));
        rate.print();
        for (const auto& [name, share] : {std::pair("p50", 0.5), std::pair("p99", 0.99)}) {
            bench::Figure wait("fleet", std::string("steady: published to acknowledged, ") + name,
                               "ms");
            wait.add(1e3 * bench::quantile_of(fleet_.waits, share));
            wait.print();
        }
        return !fleet_.waits.empty();
    }

    /// A tenth of the fleet with full windows: what broker and centre carry.
    bool flat_out() {
        fleet_.trading = true;
        fleet_.depth = kWindow;
        const std::uint64_t before = fleet_.acknowledged;
        const double begin = now();
        for (std::size_t i = 0; i < agents_.size(); i += 10) agents_[i]->trade();
        fleet_.loop.run_for(8s);
        const double seconds = now() - begin;
        bench::Figure rate("fleet", "records durable at the centre, a tenth of the fleet flat out",
                           "records/s");
        rate.add(static_cast<double>(fleet_.acknowledged - before) / seconds);
        rate.print();
        const bool settled = settle("flat out");
        fleet_.depth = 2;
        return settled;
    }

    bool storm(std::chrono::milliseconds spread, const std::string& how) {
        fleet_.trading = true;
        fleet_.link.spread = spread;
        const host::Timer turns = trade_in_turn();
        fleet_.loop.run_for(500ms);
        broker_.reset();
        fleet_.loop.run_for(1s);
        fleet_.ups.clear();
        start_broker();
        const double begin = now();
        if (!wait(90, "all agents came back, " + how, [&] { return all_up(); })) return false;
        bench::Figure took("fleet", "broker started anew, all agents back, " + how, "s");
        took.add(now() - begin);
        took.print();
        bench::Figure peak("fleet", "busiest second of their return, " + how, "connections");
        peak.add(peak_rate(fleet_.ups));
        peak.print();
        return settle("after the broker started anew");
    }

    void memory() const {
        bench::Figure centre("fleet", "memory of the centre", "MB");
        centre.add(bench::status_kb(centre_->pid(), "VmRSS") / 1024);
        centre.print();
        bench::Figure broker("fleet", "memory of the broker", "MB");
        broker.add(bench::status_kb(broker_->pid(), "VmRSS") / 1024);
        broker.print();
    }

    Options options_;
    Fleet fleet_;
    bench::Folder folder_;
    int port_;
    std::unique_ptr<bench::Mosquitto> broker_;
    std::unique_ptr<bench::CentreProgram> centre_;
    std::vector<std::unique_ptr<Agent>> agents_;
    double turn_began_ = 0;
    std::uint64_t turns_ = 0;
};

Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const bool has_value = i + 1 < argc;
        if (name == "--smoke") {
            options = {.agents = 200, .rate = 400, .steady_seconds = 3, .smoke = true};
        } else if (name == "--agents" && has_value) {
            options.agents = std::strtoul(argv[++i], nullptr, 10);
        } else if (name == "--rate" && has_value) {
            options.rate = std::strtod(argv[++i], nullptr);
        } else if (name == "--database" && has_value) {
            options.database = argv[++i];
        }
    }
    return options;
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) {
    vitrine::Run run(vitrine::read_options(argc, argv));
    return run.measure() ? 0 : 1;
}
