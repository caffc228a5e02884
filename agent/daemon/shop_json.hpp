#pragma once

#include <span>
#include <string>

#include "drivers/simulated/shoppers.hpp"

namespace vitrine::daemon {

/// Where the simulated shoppers are, for the page that steers them.
std::string shoppers_json(std::span<const simulated::Whereabouts> shoppers);

}  // namespace vitrine::daemon
