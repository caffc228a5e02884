// A capture may come from anybody's sniffer: reading it must survive any bytes, and what it gives
// must be a recording like any other.

#include <cstddef>
#include <cstdint>

#include "agent/base/check.hpp"
#include "drivers/replay/capture.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kScanners = 2;
    const auto recording = replay::parse_capture({data, size}, "fuzz", kScanners);
    if (!recording) return 0;
    CHECK(!recording->heard.empty());
    std::chrono::nanoseconds last{};
    for (const replay::Heard& each : recording->heard) {
        CHECK(each.at >= last);
        CHECK(each.scanner < kScanners);
        CHECK(each.rssi == kRssiUnknown || (each.rssi.value() >= -127 && each.rssi.value() <= 20));
        last = each.at;
    }
    return 0;
}
