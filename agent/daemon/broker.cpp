#include "agent/daemon/broker.hpp"

namespace vitrine::daemon {

std::optional<mqtt::Tls> tls_of(const std::optional<TlsFiles>& files) {
    if (!files) return std::nullopt;
    return mqtt::Tls{.ca_file = files->ca, .cert_file = files->certificate, .key_file = files->key};
}

mqtt::Settings centre_broker(const Config& config) {
    return {.broker = config.broker,
            .client_id = config.tenant.str() + "." + config.store.str() + "." + config.agent.str(),
            .tls = tls_of(config.tls),
            .spread = config.reconnect_spread};
}

}  // namespace vitrine::daemon
