#include "drivers/bluez/monitor.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "agent/radio/frame.hpp"

namespace vitrine::bluez {
namespace {

constexpr const char* kInterface = "org.bluez.AdvertisementMonitor1";

/// Where in the data of an AD structure of which type which bytes stand (doc/advertisement-monitor
/// -api.txt of BlueZ 5.66): a(yyay).
using Pattern = sdbus::Struct<std::uint8_t, std::uint8_t, std::vector<std::uint8_t>>;

std::vector<Pattern> patterns(const std::vector<AdPrefix>& heartbeats) {
    // Service data of Eddystone, 0xFEAA little-endian, frame EID.
    const std::vector<std::uint8_t> eid{0xaa, 0xfe, 0x30};
    // A UUID is little-endian on the air, so that our prefix is the second half, backwards.
    std::vector<std::uint8_t> prefix(radio::kUuidPrefix.size());
    std::ranges::reverse_copy(radio::kUuidPrefix, prefix.begin());
    std::vector<Pattern> all{Pattern(0, 0x16, eid), Pattern(8, 0x06, prefix),
                             Pattern(8, 0x07, prefix)};
    for (const AdPrefix& each : heartbeats) all.emplace_back(0, each.type, each.bytes);
    return all;
}

}  // namespace

Monitor::Monitor(sdbus::IConnection& connection, Wants wants, Calls calls)
    : wants_(std::move(wants)),
      calls_(std::move(calls)),
      root_(sdbus::createObject(connection, kRoot)),
      monitor_(sdbus::createObject(connection, std::string(kRoot) + "/members")) {
    root_->addObjectManager();
    monitor_->registerProperty("Type").onInterface(kInterface).withGetter([] {
        return std::string("or_patterns");
    });
    if (wants_.sampled) {
        monitor_->registerProperty("RSSISamplingPeriod").onInterface(kInterface).withGetter([] {
            return std::uint16_t{0};
        });
    }
    monitor_->registerProperty("Patterns").onInterface(kInterface).withGetter([this] {
        return patterns(wants_.heartbeats);
    });
    monitor_->registerMethod("Activate").onInterface(kInterface).implementedAs([this] {
        calls_.activated();
    });
    monitor_->registerMethod("Release").onInterface(kInterface).implementedAs([this] {
        calls_.released();
    });
    monitor_->registerMethod("DeviceFound")
        .onInterface(kInterface)
        .implementedAs([this](const sdbus::ObjectPath& path) { calls_.found(path); });
    monitor_->registerMethod("DeviceLost")
        .onInterface(kInterface)
        .implementedAs([](const sdbus::ObjectPath&) {});  // Presence is decided elsewhere.
    monitor_->finishRegistration();
}

}  // namespace vitrine::bluez
