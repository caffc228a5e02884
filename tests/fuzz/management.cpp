// What the kernel's management channel gives: the structures of an advert come from whoever sends
// it. Corpus: packets as Linux 6.1 gave them, contents replaced.

#include <cstddef>
#include <cstdint>

#include "agent/base/check.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/bluez/management.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bluez::ManagementEvent event = bluez::parse_management(ByteView(data, size));
    const auto* found = std::get_if<bluez::FoundOnAir>(&event);
    if (found == nullptr) return 0;
    CHECK(found->structures.size() + 20 <= size);
    CHECK(found->structures.data() + found->structures.size() == data + size);
    volatile std::uint8_t sum = 0;  // So that every byte is read, under the address sanitizer.
    for (const std::uint8_t byte : found->structures) sum = sum ^ byte;
    if (const auto payload = radio::Payload::from(found->structures))
        radio::eid_of(radio::classify(payload->view()));
    return 0;
}
