#pragma once

#include <string>
#include <vector>

#include "agent/daemon/config.hpp"

namespace vitrine::ctl {

/// One thing that a doctor looked at.
struct Finding {
    enum class Level : std::uint8_t { ok, warning, problem };
    Level level = Level::ok;
    std::string what;
    std::string advice;  ///< What to do about it; empty where all is well.
};

/// Clock and disk, as the agent needs them.
std::vector<Finding> examine_machine(const daemon::Config& config);

/// What the running agent says of itself on /healthz and /metrics; one problem if it does not run.
std::vector<Finding> examine_agent(std::uint16_t port);

/// The value of a series without labels in Prometheus' text format; empty if there is none.
std::string value_of(const std::string& metrics, const std::string& name);

}  // namespace vitrine::ctl
