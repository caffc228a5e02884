// What a gateway publishes is whatever anybody on the shop's network sends. Reading it, and letting
// it pass, must survive any bytes at any pace and hand on nothing but frames of members' kinds with
// a level that a radio can measure.
//
// The first byte names the format; the others are messages, each behind two bytes that say how much
// later it comes (in steps of 16 ms) and, in their high bit, whether the broker had kept it. A 0xff
// ends a message: no format has it.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "agent/base/check.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/gateway/intake.hpp"

using namespace vitrine;

namespace {

constexpr double kPerSecond = 20;

void check_round_trip(ByteView message) {
    const auto heard = gateway::parse_message(gateway::Format::vitrine, message);
    if (!heard) return;
    std::string again;
    for (const gateway::Overheard& each : *heard) again += gateway::to_line(each);
    if (again.size() > gateway::kMessageBytesMax) return;
    CHECK(*gateway::parse_message(gateway::Format::vitrine, view_of(again)) == *heard);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto format = static_cast<gateway::Format>(data[0] % 3);
    gateway::Intake intake(1, format, kPerSecond);
    const Instant begin = instant_at(std::chrono::hours(1));
    Instant now = begin;
    std::vector<radio::Advert> out;
    for (ByteView rest(data + 1, size - 1); rest.size() >= 2;) {
        const bool retained = (rest[0] & 0x80) != 0;
        now += std::chrono::milliseconds(16) * ((rest[0] & 0x7f) << 8 | rest[1]);
        rest = rest.subspan(2);
        const auto end = std::find(rest.begin(), rest.end(), 0xff);
        const ByteView message(rest.begin(), end);
        intake.take(message, retained, now, out);
        if (format == gateway::Format::vitrine) check_round_trip(message);
        static_cast<void>(intake.trouble(now));
        rest = rest.subspan(std::min(message.size() + 1, rest.size()));
    }
    const std::chrono::duration<double> passed = now - begin;
    CHECK(static_cast<double>(out.size()) <= 2 * kPerSecond + kPerSecond * passed.count() + 1);
    for (const radio::Advert& advert : out) {
        CHECK(radio::eid_of(radio::classify(advert.payload())));
        CHECK(advert.rssi.value() >= -127 && advert.rssi.value() <= 20);
    }
    return 0;
}
