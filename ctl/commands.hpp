#pragma once

#include <functional>

#include "agent/base/result.hpp"

namespace CLI {
class App;
}

namespace vitrine::ctl {

/// What the command line asked for: parsing fills it in, `run` carries it out.
struct Invocation {
    /// An error's message goes to standard error as it is; the exit code becomes 1.
    std::function<Result<void>()> run;
};

/// Each adds one subcommand, whose callback sets `Invocation::run`. One file each.
void add_status(CLI::App& app, Invocation& invocation);
void add_doctor(CLI::App& app, Invocation& invocation);
void add_check_config(CLI::App& app, Invocation& invocation);
void add_enrol(CLI::App& app, Invocation& invocation);
void add_import(CLI::App& app, Invocation& invocation);
void add_erase(CLI::App& app, Invocation& invocation);
void add_password(CLI::App& app, Invocation& invocation);
void add_offers(CLI::App& app, Invocation& invocation);
void add_rule(CLI::App& app, Invocation& invocation);
void add_replay(CLI::App& app, Invocation& invocation);
void add_record(CLI::App& app, Invocation& invocation);
void add_evaluate(CLI::App& app, Invocation& invocation);
void add_evaluate_logs(CLI::App& evaluate, Invocation& invocation);
void add_evaluate_policy(CLI::App& evaluate, Invocation& invocation);
void add_evaluate_offers(CLI::App& evaluate, Invocation& invocation);
void add_phone(CLI::App& app, Invocation& invocation);
void add_keys(CLI::App& app, Invocation& invocation);
void add_calibrate(CLI::App& app, Invocation& invocation);

/// The whole program. 0: done; 1: it failed, and standard error says why; 2: wrong usage.
int run(int argc, const char* const* argv);

}  // namespace vitrine::ctl
