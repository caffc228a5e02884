#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sdbus-c++/sdbus-c++.h>

#include "drivers/bluez/devices.hpp"

namespace vitrine::bluez {

// D-Bus values as the daemon sends them; of no use outside this folder.
using Properties = std::map<std::string, sdbus::Variant>;
using Interfaces = std::map<std::string, Properties>;
using Objects = std::map<sdbus::ObjectPath, Interfaces>;

inline constexpr const char* kAdapter = "org.bluez.Adapter1";
inline constexpr const char* kDevice = "org.bluez.Device1";
/// The service UUID under which Eddystone's data is sent.
inline constexpr const char* kEddystone = "0000feaa-0000-1000-8000-00805f9b34fb";

/// Nothing if the property is missing or has another type than BlueZ documents.
std::optional<bool> flag(const Properties& properties, const char* name);

/// Whether the property is a list of texts and has this one.
bool lists(const Properties& properties, const char* name, std::string_view text);

/// Properties of org.bluez.Device1. One of an unexpected type counts as not mentioned.
DeviceNews read_device(const Properties& properties, const std::vector<std::string>& invalidated);

}  // namespace vitrine::bluez
