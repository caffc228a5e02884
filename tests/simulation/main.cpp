// The simulation: whole chains of shops on production code, with everything going wrong that can.
// docs/simulation.md says what it is and how a failing seed is replayed.

#include "tests/simulation/runs.hpp"

int main(int count, char** arguments) {
    return vitrine::simulation::run_program({arguments + 1, arguments + count});
}
