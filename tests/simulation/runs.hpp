#pragma once

#include <string>
#include <vector>

#include "tests/simulation/world.hpp"

namespace vitrine::simulation {

/// Runs one world in a folder of its own, which goes with it.
Outcome run_world(const Options& options);

/// The program: what it does is in its --help. Returns the exit status.
int run_program(const std::vector<std::string>& arguments);

}  // namespace vitrine::simulation
