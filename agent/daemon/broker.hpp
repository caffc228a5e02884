#pragma once

#include <optional>

#include "agent/daemon/config.hpp"
#include "sync/mqtt/paho_link.hpp"

namespace vitrine::daemon {

/// As MQTT wants them; none for none.
std::optional<mqtt::Tls> tls_of(const std::optional<TlsFiles>& files);

/// The way to the broker of [centre], under this agent's own name.
mqtt::Settings centre_broker(const Config& config);

}  // namespace vitrine::daemon
