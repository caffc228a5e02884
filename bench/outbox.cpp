// S4 of the targets: what the disk writes for each record on the agent's own path, from the step
// that brought it to the centre's word; and how fast an outbox appends.

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/daemon/keeper.hpp"
#include "agent/host/clock.hpp"
#include "bench/figure.hpp"
#include "bench/processes.hpp"
#include "bench/shop_records.hpp"
#include "sync/outbox/outbox.hpp"
#include "sync/uplink/uplink.hpp"

namespace vitrine {
namespace {

using namespace std::chrono_literals;

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
    return std::move(outbox::Outbox::open(path, limits)).value();
}

/// Records of 300 bytes: the second's count, and what the disk wrote for each.
std::pair<double, double> append(std::size_t per_commit, std::size_t records) {
    const bench::Folder folder("append");
    outbox::Outbox box = outbox_at(folder.file("outbox"));
    const double before = bytes_written();
    const double seconds = bench::wall_seconds([&] {
        for (std::size_t n = 0; n < records;) {
            std::vector<std::string> texts;
            std::vector<outbox::Entry> entries;
            for (; texts.size() < per_commit && n < records; ++n) texts.push_back(record_of(n));
            for (const std::string& text : texts) {
                entries.push_back({view_of(text), outbox::Priority::impression});
            }
            CHECK(box.append(entries, {}, wall_at(0ms)).has_value());
        }
    });
    return {static_cast<double>(records) / seconds,
            (bytes_written() - before) / static_cast<double>(records)};
}

void appending(std::size_t per_commit) {
    bench::Figure speed("outbox", "appending, records a commit: " + std::to_string(per_commit),
                        "records/s");
    for (int run = 0; run < 3; ++run) {
        speed.add(append(per_commit, per_commit == 1 ? 4000 : 20'000).first);
    }
    speed.print();
}

/// A broker and a centre that take everything and say so a tenth of a second later.
class Taker final : public uplink::Link {
  public:
    Result<uplink::Ticket> publish(uplink::Publication publication) override {
        newest = static_cast<std::uint64_t>(
            std::strtoull(publication.user_properties.at(0).second.c_str(), nullptr, 10));
        due = now + 100ms;
        return uplink::Ticket(++tickets_);
    }
    Result<void> subscribe(std::string, uplink::Qos) override { return {}; }
    bool is_up() const override { return true; }

    Instant now;
    std::optional<Instant> due;
    std::uint64_t newest = 0;
    std::uint64_t tickets() const { return tickets_; }

  private:
    std::uint64_t tickets_ = 0;
};

/// An hour's trade in moments: keeper, outbox and uplink as the agent has them, 20 records a
/// second.
class Trade {
  public:
    enum class Kind : std::uint8_t {
        visits,    ///< Nothing but visits that begin and end.
        gathered,  ///< All kinds of records and memos, and nobody waits for any.
        shop,      ///< The same, and whoever looks at a screen or touches it waits.
    };
    explicit Trade(Kind kind) : kind_(kind) { uplink_.on(uplink::LinkUp{}, now_); }

    /// Bytes that the disk wrote for each record.
    double run(std::size_t records) {
        const double before = bytes_written();
        for (std::size_t n = 0; n < records; ++n) {
            step(next());
            for (int i = 0; i < 5; ++i) pass(10ms);
        }
        for (int i = 0; i < 1000; ++i) pass(10ms);
        CHECK(keeper_.settled() && box_.counts().pending == 0);
        return (bytes_written() - before) / static_cast<double>(records);
    }

  private:
    WallTime wall() const {
        return wall_at(1'790'000'000'000ms) +
               std::chrono::floor<std::chrono::milliseconds>(now_ - instant_at(1h));
    }

    session::Record next() {
        session::Record record = records_.next(wall());
        const auto is_visit = [&] {
            return std::holds_alternative<session::VisitStarted>(record.body) ||
                   std::holds_alternative<session::VisitEnded>(record.body);
        };
        while (kind_ == Kind::visits && !is_visit()) record = records_.next(wall());
        return record;
    }

    void step(session::Record record) {
        const bool viewed = std::holds_alternative<session::PromotionViewed>(record.body);
        const bool touched = std::holds_alternative<session::PromotionTouched>(record.body);
        engine::Effects effects;
        effects.remember("hlc", Bytes(8));
        if (viewed && record.subject) {
            effects.remember(engine::exposure_key(*record.subject), Bytes(120));
        }
        if (viewed && kind_ == Kind::shop) effects.screens.push_back({.kiosk = record.kiosk});
        effects.records.push_back(std::move(record));
        static_cast<void>(keeper_.keep(
            effects, now_, wall(),
            touched && kind_ == Kind::shop ? daemon::Waits::somebody : daemon::Waits::nobody));
        uplink_.tick(now_);
    }

    void pass(std::chrono::milliseconds time) {
        link_.now = now_ = now_ + time;
        engine::Effects none;
        if (const auto due = keeper_.due_at(); due && now_ >= *due) {
            static_cast<void>(keeper_.keep(none, now_, wall()));
        }
        if (link_.due && now_ >= *link_.due) {
            link_.due.reset();
            uplink_.on(uplink::PubAck{uplink::Ticket(link_.tickets())}, now_);
            uplink_.on(uplink::Acknowledgement{box_.epoch(), Sequence(link_.newest), {}}, now_);
        }
        uplink_.tick(now_);
    }

    static uplink::Packed pack(std::span<const outbox::Row> rows, Sequence) {
        return {.payload = Bytes(1),
                .content_type = {},
                .user_properties = {{"last", std::to_string(rows.back().sequence.value())}}};
    }

    const Kind kind_;
    bench::Folder folder_{"trade"};
    host::SystemClock clock_;
    host::Log log_{clock_, {.level = host::Level::error}};
    Rng rng_{1};
    outbox::Outbox box_{outbox_at(folder_.file("outbox"))};
    daemon::Keeper keeper_{box_, StoreId::parse("lyon").value(), AgentId::parse("lyon-1").value(),
                           log_};
    Taker link_;
    uplink::Uplink uplink_{{.topic = "up"}, box_, link_, pack, rng_};
    bench::ShopRecords records_{1};
    Instant now_ = instant_at(1h);
};

void s4() {
    struct Line {
        Trade::Kind kind;
        bench::Figure figure;
    };
    std::array lines{
        Line{Trade::Kind::visits,
             {"outbox", "S4 bytes written a record, 20 visits a second, with acknowledging", "B"}},
        Line{Trade::Kind::gathered,
             {"outbox", "S4 of all kinds with their memos, 540 bytes a record, nobody waits", "B"}},
        Line{Trade::Kind::shop,
             {"outbox", "S4 of all kinds, screens and touches wait for the disk", "B"}}};
    for (int run = 0; run < 3; ++run) {
        const double naive = append(1, 2000).second;
        for (Line& line : lines) {
            line.figure.add(Trade(line.kind).run(3000));
            line.figure.add_peer("one record of 300 bytes a commit", naive);
        }
    }
    for (const Line& line : lines) line.figure.print();
}

}  // namespace
}  // namespace vitrine

int main() {
    vitrine::s4();
    for (const std::size_t per_commit : {1U, 10U, 64U}) vitrine::appending(per_commit);
}
