// S2 and S4 of the targets: what an outbox costs, and how fast a backlog of 100,000 records gets
// through a real broker into a centre that commits before it acknowledges.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "agent/host/clock.hpp"
#include "agent/host/loop.hpp"
#include "bench/figure.hpp"
#include "sync/mqtt/paho_link.hpp"
#include "sync/outbox/outbox.hpp"
#include "sync/sqlite/sqlite.hpp"
#include "sync/uplink/uplink.hpp"

namespace vitrine {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBacklog = 100'000;

/// A folder on the disk that the checkout is on (a temporary folder may be memory).
class Folder {
  public:
    explicit Folder(const std::string& name) : path_(std::filesystem::absolute("bench-" + name)) {
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

/// Bytes that this process has caused to be written to disks.
double bytes_written() {
    std::ifstream in("/proc/self/io");
    std::string key;
    double value = 0;
    while (in >> key >> value) {
        if (key == "write_bytes:") return value;
    }
    return 0;
}

std::string record_of(std::size_t n) {
    std::string text = R"({"specversion":"1.0","type":"vitrine.promotion.viewed.v1","id":")" +
                       std::to_string(n) + "\",\"data\":\"";
    while (text.size() < 298) text += static_cast<char>('a' + (text.size() * 7 + n) % 26);
    return text + "\"}";
}

outbox::Outbox outbox_at(const std::string& path) {
    outbox::Limits limits;
    limits.ballast_bytes = 0;
    auto opened = outbox::Outbox::open(path, limits);
    CHECK(opened.has_value());
    return std::move(opened).value();
}

void append(outbox::Outbox& box, std::size_t records, std::size_t per_commit) {
    std::size_t n = 0;
    while (n < records) {
        std::vector<std::string> texts;
        std::vector<outbox::Entry> entries;
        for (; texts.size() < per_commit && n < records; ++n) texts.push_back(record_of(n));
        for (const std::string& text : texts) {
            entries.push_back({view_of(text), outbox::Priority::impression});
        }
        CHECK(box.append(entries, {}, wall_at(milliseconds(0))).has_value());
    }
}

/// What the disk writes for each record, with an acknowledgement for each `acknowledged` records.
double bytes_for(std::size_t per_commit, std::size_t acknowledged, double* seconds) {
    const Folder folder("append");
    const std::size_t records = per_commit == 1 ? 4000 : 20'000;
    const double before = bytes_written();
    {
        outbox::Outbox box = outbox_at(folder.file("outbox"));
        for (std::size_t done = 0; done < records; done += acknowledged) {
            *seconds += bench::wall_seconds([&] { append(box, acknowledged, per_commit); });
            const Sequence last(box.next_sequence().value() - 1);
            CHECK(box.acknowledge(box.epoch(), last, {}).has_value());
        }
    }
    return (bytes_written() - before) / static_cast<double>(records);
}

void appending(std::size_t per_commit) {
    bench::Figure speed("outbox", "appending, records a commit: " + std::to_string(per_commit),
                        "records/s");
    for (int run = 0; run < 3; ++run) {
        double seconds = 0;
        static_cast<void>(bytes_for(per_commit, 1000, &seconds));
        speed.add((per_commit == 1 ? 4000.0 : 20'000.0) / seconds);
    }
    speed.print();
}

/// 20 records a second, gathered for one second (what changes a screen does not wait), sent and
/// acknowledged in batches of ten seconds or of one.
void s4() {
    bench::Figure often("outbox", "S4 bytes written a record, gathered 1 s, acknowledged each 1 s",
                        "B");
    bench::Figure seldom("outbox",
                         "S4 bytes written a record, gathered 1 s, acknowledged each 10 s", "B");
    double seconds = 0;
    for (int run = 0; run < 3; ++run) {
        const double naive = bytes_for(1, 1, &seconds);
        often.add(bytes_for(20, 20, &seconds));
        often.add_peer("one record a commit and an acknowledgement", naive);
        seldom.add(bytes_for(20, 200, &seconds));
        seldom.add_peer("one record a commit and an acknowledgement", naive);
    }
    often.print();
    seldom.print();
}

/// A mosquitto of our own on the loopback interface.
class Broker {
  public:
    Broker(const Folder& folder, int port) : url("mqtt://127.0.0.1:" + std::to_string(port)) {
        const std::string config = folder.file("mosquitto.conf");
        std::ofstream(config) << "persistence false\nallow_anonymous true\nlog_type none\n"
                              << "max_queued_messages 0\nlistener " << port << " 127.0.0.1\n";
        std::array<std::string, 3> words = {"mosquitto", "-c", config};
        std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(),
                                          nullptr};
        const char* program = "/usr/sbin/mosquitto";
        if (posix_spawn(&child_, program, nullptr, nullptr, arguments.data(), environ) != 0) {
            child_ = 0;
        }
    }
    ~Broker() {
        if (child_ <= 0) return;
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    bool runs() const { return child_ > 0; }
    const std::string url;

  private:
    pid_t child_ = 0;
};

/// The least that a centre must do: know each record by its key, commit, then acknowledge.
class Centre {
  public:
    explicit Centre(const std::string& path)
        : db_(std::move(sqlite::Connection::open(path)).value()) {
        CHECK(db_.execute("CREATE TABLE events(sequence INTEGER PRIMARY KEY, bytes BLOB)"));
        insert_ = std::move(db_.prepare("INSERT OR IGNORE INTO events VALUES(?1, ?2)")).value();
    }

    void keep(const uplink::Message& message) {
        auto transaction = sqlite::Transaction::begin(db_);
        CHECK(transaction.has_value());
        std::size_t at = 0;
        while (at + 12 <= message.payload.size()) {
            std::uint64_t sequence = 0;
            std::size_t size = 0;
            for (int i = 0; i < 8; ++i) sequence = sequence << 8 | message.payload[at++];
            for (int i = 0; i < 4; ++i) size = size << 8 | message.payload[at++];
            CHECK(insert_.bind(sequence, ByteView(message.payload).subspan(at, size)).run());
            highest = std::max(highest, sequence);
            at += size;
        }
        CHECK(transaction->commit().has_value());
    }
    std::int64_t count() { return db_.integer_of("SELECT count(*) FROM events").value_or(0); }

    std::uint64_t highest = 0;

  private:
    sqlite::Connection db_;
    sqlite::Statement insert_;
};

uplink::Packed pack(std::span<const outbox::Row> rows, Sequence) {
    uplink::Packed packed;
    for (const outbox::Row& row : rows) {
        for (int i = 56; i >= 0; i -= 8) {
            packed.payload.push_back(static_cast<std::uint8_t>(row.sequence.value() >> i));
        }
        for (int i = 24; i >= 0; i -= 8) {
            packed.payload.push_back(static_cast<std::uint8_t>(row.bytes.size() >> i));
        }
        packed.payload.insert(packed.payload.end(), row.bytes.begin(), row.bytes.end());
    }
    return packed;
}

/// Seconds from the first record sent to the outbox empty; nothing without a broker.
std::optional<double> catch_up(int port) {
    const Folder folder("catch-up");
    const Broker broker(folder, port);
    if (!broker.runs()) return std::nullopt;
    outbox::Outbox box = outbox_at(folder.file("outbox"));
    append(box, kBacklog, 500);

    host::Loop loop;
    const host::SystemClock clock;
    Rng rng(1);
    Centre centre(folder.file("centre"));
    std::unique_ptr<mqtt::PahoLink> far;
    std::unique_ptr<uplink::Uplink> up;
    double begin = 0;
    const auto link = [&](const std::string& id, mqtt::PahoLink::Handler handler) {
        mqtt::Settings settings{.broker = broker.url, .client_id = id};
        return std::move(mqtt::PahoLink::create(settings, loop, rng, std::move(handler))).value();
    };
    far = link("centre", [&](const uplink::LinkEvent& event) {
        const auto* message = std::get_if<uplink::Message>(&event);
        if (message == nullptr) return;
        centre.keep(*message);
        static_cast<void>(
            far->publish({.topic = "ack", .payload = Bytes(1), .qos = uplink::Qos::at_most_once}));
    });
    CHECK(far->subscribe("$share/central/up", uplink::Qos::at_least_once).has_value());
    auto near = link("agent", [&](const uplink::LinkEvent& event) {
        const Instant now = clock.monotonic();
        if (std::holds_alternative<uplink::LinkUp>(event)) {
            loop.run_for(milliseconds(0));
            begin = bench::seconds_on(CLOCK_MONOTONIC);
            up->on(uplink::LinkUp{}, now);
        }
        if (const auto* ack = std::get_if<uplink::PubAck>(&event)) up->on(*ack, now);
        if (!std::holds_alternative<uplink::Message>(event)) return;
        up->on(uplink::Acknowledgement{box.epoch(), Sequence(centre.highest), {}}, now);
        if (box.counts().pending == 0) loop.stop();
    });
    CHECK(near->subscribe("ack", uplink::Qos::at_most_once).has_value());
    up = std::make_unique<uplink::Uplink>(uplink::Settings{.topic = "up"}, box, *near, pack, rng);
    const auto wake = loop.every(milliseconds(20), [&] { up->tick(clock.monotonic()); });
    loop.run_for(std::chrono::seconds(120));
    if (box.counts().pending > 0 || centre.count() != static_cast<std::int64_t>(kBacklog)) {
        return std::nullopt;
    }
    return bench::seconds_on(CLOCK_MONOTONIC) - begin;
}

void s2() {
    bench::Figure speed("outbox", "S2 catch-up of 100,000 records, durable at both ends",
                        "records/s");
    for (int run = 0; run < 3; ++run) {
        if (const auto seconds = catch_up(28'883 + run)) speed.add(kBacklog / *seconds);
    }
    speed.print();
}

}  // namespace
}  // namespace vitrine

int main() {
    for (const std::size_t per_commit : {1U, 10U, 64U}) vitrine::appending(per_commit);
    vitrine::s4();
    vitrine::s2();
}
