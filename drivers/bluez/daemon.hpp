#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <sdbus-c++/sdbus-c++.h>

namespace vitrine::bluez {

// The Bluetooth daemon as the ear speaks to it.
inline constexpr const char* kDaemon = "org.bluez";
inline constexpr const char* kMonitors = "org.bluez.AdvertisementMonitorManager1";

/// How long the daemon may take to answer.
inline constexpr std::chrono::seconds kAnswerMax{10};

/// An error of the daemon by its name: the text beside it may hold somebody's address.
std::string reason_of(const sdbus::Error& error);
bool is(const sdbus::Error& error, std::string_view name);
/// Whether another attempt, or a shaken radio, may cure it.
bool radio_may_be_to_blame(const sdbus::Error& error);

}  // namespace vitrine::bluez
