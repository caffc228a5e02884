#pragma once

#include <string>
#include <string_view>

#include "agent/base/ids.hpp"

namespace vitrine::gateway {

/// Whether a topic filter is one that MQTT allows: levels between `/`, `+` and `#` whole levels,
/// `#` the last. Shared subscriptions (`$share/…`) are none here: they would spread one gateway's
/// adverts over several agents.
bool is_filter(std::string_view filter);

/// Whether `topic` is one of those that a filter means: MQTT 5, section 4.7.
bool matches(std::string_view filter, std::string_view topic);

/// Where an agent in the scanner's role publishes what one of its scanners hears.
std::string scanner_topic(TenantId tenant, StoreId store, ScannerId scanner);

}  // namespace vitrine::gateway
