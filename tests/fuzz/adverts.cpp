// What comes from the air is whatever anybody sends: walking and classifying it must survive any
// bytes and agree with itself. The corpus holds every frame, and the shapes of adverts heard in
// offices and homes (MIT Lincoln Laboratory, BLE-RSSI-Various-Static-Configurations) with their
// contents replaced.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "agent/base/check.hpp"
#include "agent/radio/frame.hpp"

using namespace vitrine;

namespace {

template <class Kind>
constexpr bool kEncodable =
    !std::is_same_v<Kind, radio::Foreign> && !std::is_same_v<Kind, radio::Malformed>;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView payload(data, size);
    radio::AdWalk walk(payload);
    std::size_t walked = 0;
    volatile std::uint8_t sum = 0;  // So that every byte is read, under the address sanitizer.
    while (const auto structure = walk.next()) {
        walked += 2 + structure->data.size();
        for (const std::uint8_t byte : structure->data) sum = sum ^ byte;
    }
    CHECK(walked <= size);
    CHECK(!walk.truncated() || walked < size);

    const radio::Frame frame = radio::classify(payload);
    std::visit(
        [&](const auto& kind) {
            using Kind = std::decay_t<decltype(kind)>;
            if constexpr (kEncodable<Kind>) {
                CHECK(radio::classify(radio::encode(kind).view()) == frame);
            }
        },
        frame);
    return 0;
}
