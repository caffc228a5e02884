#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "sync/bundle/manifest.hpp"

namespace vitrine::bundle {

// The MQTT topics, all below `vitrine/v1/{tenant}/{store}/`.

using ContextName = Name<struct ContextTag>;

struct AgentUp {  ///< agents/{agent}/up: batches of records.
    AgentId agent;
    friend bool operator==(const AgentUp&, const AgentUp&) = default;
};
struct AgentAck {  ///< agents/{agent}/ack: what the centre has kept.
    AgentId agent;
    friend bool operator==(const AgentAck&, const AgentAck&) = default;
};
struct AgentStatus {  ///< agents/{agent}/status: retained, and the last will.
    AgentId agent;
    friend bool operator==(const AgentStatus&, const AgentStatus&) = default;
};
struct DownManifest {  ///< down/{kind}/manifest: retained.
    Kind kind = Kind::catalogue;
    friend bool operator==(const DownManifest&, const DownManifest&) = default;
};
/// down/{kind}/from/{base}: the manifest of the delta on top of that epoch, retained.
struct DownLink {
    Kind kind = Kind::catalogue;
    Epoch base;
    friend bool operator==(const DownLink&, const DownLink&) = default;
};
/// down/{kind}/{epoch}/{chunk}, and of a delta down/{kind}/{epoch}-{base}/{chunk}: retained until
/// superseded.
struct DownChunk {
    Kind kind = Kind::catalogue;
    Epoch epoch;
    std::uint32_t chunk = 0;
    std::optional<Epoch> base = std::nullopt;
    friend bool operator==(const DownChunk&, const DownChunk&) = default;
};
struct StoreContext {  ///< context/{what}: weather, stock and the like.
    ContextName what;
    friend bool operator==(const StoreContext&, const StoreContext&) = default;
};
struct Till {  ///< till/{kiosk}: what a till tells the agent.
    KioskId kiosk;
    friend bool operator==(const Till&, const Till&) = default;
};
using Leaf = std::variant<AgentUp, AgentAck, AgentStatus, DownManifest, DownLink, DownChunk,
                          StoreContext, Till>;

struct Topic {
    TenantId tenant;
    StoreId store;
    Leaf leaf;
    friend bool operator==(const Topic&, const Topic&) = default;
};

std::string format_topic(const Topic& topic);

/// `invalid` for anything that `format_topic` does not write.
Result<Topic> parse_topic(std::string_view topic);

/// What an agent always subscribes to: its acknowledgements, the manifests of whole bundles, the
/// context and the tills of its shop. Deltas and chunks it asks for one by one.
std::string ack_filter(TenantId tenant, StoreId store, AgentId agent);
std::string manifests_filter(TenantId tenant, StoreId store);
std::string context_filter(TenantId tenant, StoreId store);
std::string till_filter(TenantId tenant, StoreId store);

/// What the centre subscribes to, for all shops of a tenant: batches, shared among its workers, and
/// statuses.
std::string central_up_filter(TenantId tenant);
std::string central_status_filter(TenantId tenant);

}  // namespace vitrine::bundle
