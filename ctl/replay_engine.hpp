#pragma once

#include "agent/daemon/config.hpp"
#include "agent/engine/engine.hpp"

namespace vitrine::ctl {

/// Gives an engine what the shop last heard from the centre. What cannot be used is told on
/// standard error and left out.
void load_bundles(const daemon::Config& config, engine::Engine& engine, engine::Now now,
                  engine::Effects& effects);

}  // namespace vitrine::ctl
