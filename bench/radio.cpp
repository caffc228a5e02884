// R1, R2 and R3 of TARGETS: one advert, the table's memory, the turning of a window.

#include <array>
#include <map>
#include <sstream>

#include "agent/base/random.hpp"
#include "agent/identity/recogniser.hpp"
#include "agent/identity/table.hpp"
#include "bench/figure.hpp"

namespace vitrine {
namespace {

constexpr std::uint32_t kPeriod = 30'000;
constexpr std::int64_t kWindow = 128LL * kPeriod + 40;

WallTime wall_in(std::int64_t window) { return wall_at(std::chrono::seconds(window * 512 + 1)); }

/// Members with keys for `periods` periods. The keys are random: nobody's identity key is needed.
std::vector<identity::MemberKeys> some_members(std::size_t count, std::size_t periods) {
    Rng rng(1);
    std::vector<identity::MemberKeys> members(count);
    for (std::size_t i = 0; i < count; ++i) {
        members[i].member = MemberId(i + 1);
        members[i].first_period = kPeriod;
        members[i].keys.resize(periods);
        for (auto& key : members[i].keys) {
            for (auto& byte : key) byte = static_cast<std::uint8_t>(rng.next());
        }
    }
    return members;
}

identity::RecognitionTable table_of(std::span<const identity::MemberKeys> members) {
    identity::RecognitionTable table;
    CHECK(table.load(members).has_value());
    table.turn(wall_in(kWindow));
    while (table.step()) {
    }
    return table;
}

/// `count` adverts drawn from the recorded ones as often as each was heard; a share of `members` in
/// a thousand is replaced by adverts of members.
std::vector<radio::Advert> mixed_adverts(std::size_t count, unsigned members_in_1000,
                                         std::span<const identity::MemberKeys> members) {
    std::ifstream file(bench::data_folder() + "/adverts/mixed_unique.csv");
    std::vector<radio::Payload> payloads;
    std::vector<std::uint64_t> until;
    std::uint64_t total = 0;
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream row(line);
        std::string field;
        for (int i = 0; i < 4; ++i) std::getline(row, field, ',');
        payloads.push_back(*radio::Payload::from(*from_hex(field)));
        std::getline(row, field, ',');
        total += std::stoull(field);
        until.push_back(total);
    }
    if (payloads.empty()) return {};
    Rng rng(2);
    std::vector<radio::Advert> adverts(count);
    for (auto& advert : adverts) {
        const auto drawn = std::ranges::upper_bound(until, rng.below(total));
        advert.data = payloads[static_cast<std::size_t>(drawn - until.begin())];
        advert.rssi = Rssi(-70);
        if (rng.below(1000) >= members_in_1000) continue;
        const identity::TemporaryKey key{members[rng.below(members.size())].keys[0], kPeriod};
        advert.data = radio::encode(radio::EddystoneEid{
            -20, identity::eid(key, static_cast<std::uint32_t>(kWindow * 512))});
    }
    return adverts;
}

/// What one writes first: every structure into a map, every identifier into another.
class NaiveRecogniser {
  public:
    explicit NaiveRecogniser(std::span<const identity::MemberKeys> members) {
        for (const auto& member : members) {
            for (std::int64_t window = kWindow - 1; window <= kWindow + 1; ++window) {
                const identity::TemporaryKey key{member.keys[0], kPeriod};
                const auto unix_s = static_cast<std::uint32_t>(window * 512);
                members_[identity::eid(key, unix_s).bytes] = member.member;
            }
        }
    }

    std::optional<MemberId> recognise(const radio::Advert& advert) const {
        std::map<std::uint8_t, Bytes> fields;
        const ByteView bytes = advert.payload();
        for (std::size_t at = 0; at < bytes.size() && bytes[at] != 0; at += 1U + bytes[at]) {
            if (at + bytes[at] >= bytes.size()) return std::nullopt;
            const ByteView data = bytes.subspan(at + 2, bytes[at] - 1U);
            fields[bytes[at + 1]] = Bytes(data.begin(), data.end());
        }
        const auto service = fields.find(0x16);
        if (service == fields.end() || service->second.size() != 12) return std::nullopt;
        std::array<std::uint8_t, 8> eid{};
        std::copy_n(service->second.begin() + 4, 8, eid.begin());
        const auto found = members_.find(eid);
        return found != members_.end() ? std::optional(found->second) : std::nullopt;
    }

  private:
    std::map<std::array<std::uint8_t, 8>, MemberId> members_;
};

template <class Recognise>
double adverts_a_second(const std::vector<radio::Advert>& adverts, int rounds,
                        Recognise recognise) {
    const double seconds = bench::cpu_seconds([&] {
        for (int round = 0; round < rounds; ++round) {
            for (const auto& advert : adverts) bench::keep(recognise(advert).has_value());
        }
    });
    return rounds * static_cast<double>(adverts.size()) / seconds;
}

void r1() {
    const auto members = some_members(100'000, 1);
    const auto table = table_of(members);
    const NaiveRecogniser naive(members);
    for (const unsigned share : {0U, 10U, 100U}) {
        const auto adverts = mixed_adverts(1 << 14, share, members);
        if (adverts.empty())
            return bench::skip("radio", "R1", "no data in " + bench::data_folder());
        bench::Figure figure("radio",
                             "R1 adverts recognised or rejected, 100,000 members, " +
                                 std::to_string(share) + " per mille members'",
                             "1/s");
        for (int run = 0; run < 9; ++run) {
            identity::Recogniser recogniser(table);
            figure.add(adverts_a_second(
                adverts, 200, [&](const auto& advert) { return recogniser.recognise(advert); }));
            CHECK((recogniser.counters().recognised == 0) == (share == 0));
            figure.add_peer("fields and members in std::map",
                            adverts_a_second(adverts, 10, [&](const auto& advert) {
                                return naive.recognise(advert);
                            }));
        }
        figure.print();
    }
}

void r2(std::size_t count, const std::string& name) {
    const auto members = some_members(count, count > 100'000 ? 1 : 8);
    const auto table = table_of(members);
    bench::Figure eids("radio", "R2 table of EIDs, " + name + " members", "MB");
    eids.add(1e-6 * static_cast<double>(table.table_bytes()));
    eids.print();
    bench::Figure keys(
        "radio",
        "R2 keys, " + name + " members, " + std::to_string(members[0].keys.size()) + " periods",
        "MB");
    keys.add(1e-6 * static_cast<double>(table.key_bytes()));
    keys.print();
}

/// The way without a table that turns: a fresh cipher for every member.
double one_cipher_each(std::span<const identity::MemberKeys> members, std::int64_t window) {
    const auto unix_s = static_cast<std::uint32_t>(window * 512);
    return bench::cpu_seconds([&] {
        for (const auto& member : members) {
            bench::keep(identity::eid({member.keys[0], kPeriod}, unix_s).bytes[0]);
        }
    });
}

void r3() {
    const auto members = some_members(1'000'000, 1);
    auto table = table_of(members);
    bench::Figure turning("radio", "R3 turning a window, 1 M members", "s of CPU");
    bench::Figure longest("radio", "R3 longest step of it", "ms of CPU");
    for (int run = 1; run <= 5; ++run) {
        table.turn(wall_in(kWindow + run));
        double total = 0;
        double worst = 0;
        for (bool more = true; more;) {
            const double step = bench::cpu_seconds([&] { more = table.step(); });
            total += step;
            worst = std::max(worst, step);
        }
        turning.add(total);
        longest.add(1e3 * worst);
        turning.add_peer("a cipher for each member", one_cipher_each(members, kWindow + run));
    }
    turning.print();
    longest.print();
    bench::Figure loading("radio", "taking 1 M members over, one period", "s of CPU");
    for (int run = 0; run < 3; ++run) {
        loading.add(bench::cpu_seconds([&] { CHECK(table.load(members).has_value()); }));
    }
    loading.print();
}

}  // namespace
}  // namespace vitrine

int main() {
    vitrine::r1();
    vitrine::r2(20'000, "20 k");
    vitrine::r2(1'000'000, "1 M");
    vitrine::r3();
}
