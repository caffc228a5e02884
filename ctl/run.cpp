#include <cstdio>

#include <CLI/CLI.hpp>

#include "ctl/commands.hpp"

namespace vitrine::ctl {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

}  // namespace

int run(int argc, const char* const* argv) {
    CLI::App app("vitrinectl: looks after Vitrine's stores", "vitrinectl");
    app.set_version_flag("--version", "vitrinectl " VITRINE_VERSION);
    app.require_subcommand(1);
    app.footer("vitrinectl SUBCOMMAND --help says more, with examples.");
    Invocation invocation;
    add_status(app, invocation);
    add_doctor(app, invocation);
    add_check_config(app, invocation);
    add_enrol(app, invocation);
    add_import(app, invocation);
    add_erase(app, invocation);
    add_password(app, invocation);
    add_offers(app, invocation);
    add_rule(app, invocation);
    add_replay(app, invocation);
    add_record(app, invocation);
    add_evaluate(app, invocation);
    add_keys(app, invocation);
    add_calibrate(app, invocation);
    add_phone(app, invocation);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& stop) {
        // Help and version are told the same way, with the exit code 0.
        return app.exit(stop) == 0 ? 0 : kWrongUsage;
    }
    const Result<void> done = invocation.run();
    if (done) return 0;
    std::fprintf(stderr, "vitrinectl: %s\n", done.error().message.c_str());
    return kFailed;
}

}  // namespace vitrine::ctl
