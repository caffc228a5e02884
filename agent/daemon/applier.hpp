#pragma once

#include "agent/base/result.hpp"
#include "agent/daemon/bundle_cache.hpp"
#include "agent/engine/engine.hpp"

namespace vitrine::daemon {

/// Decodes a checked bundle and hands it to the engine. `invalid` or `conflict` leaves the engine
/// as it was.
Result<void> apply(const Delivery& delivery, engine::Engine& engine, engine::Now now,
                   engine::Effects& effects);

}  // namespace vitrine::daemon
