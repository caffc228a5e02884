#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/daemon/config.hpp"
#include "drivers/bluez/examination.hpp"

namespace vitrine::ctl {

using bluez::Finding;

/// Clock and disk, as the agent needs them.
std::vector<Finding> examine_machine(const daemon::Config& config);

/// What the running agent says of itself on /healthz and /metrics; one problem if it does not run.
std::vector<Finding> examine_agent(std::uint16_t port);

/// The value of a series without labels in Prometheus' text format; empty if there is none.
std::string value_of(const std::string& metrics, const std::string& name);

}  // namespace vitrine::ctl
