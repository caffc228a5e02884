#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "agent/daemon/calibration_json.hpp"
#include "ctl/commands.hpp"
#include "ctl/presence_fit.hpp"
#include "ctl/presence_inputs.hpp"

namespace vitrine::ctl {
namespace {

constexpr const char* kExamples = R"(Examples:
  vitrinectl evaluate presence --sensors sensors.csv --walks walk_1.csv walk_2.csv
  vitrinectl evaluate presence --sensors sensors.csv --walks walk_*.csv --calibration shop.json --json
  vitrinectl evaluate presence --sensors sensors.csv --walks walk_*.csv --leave-one-out --single

Replays labelled walks through the agent's own tracker and compares with the truth every half-second;
the first two seconds of a walk are ignored. Every sensor is taken for a kiosk and for a zone. The
file formats are in docs/presence.md.)";

struct Options {
    PresenceInputs inputs;
    std::string calibration_file;
    bool leave_one_out = false;
    bool no_maps = false;
    bool json = false;
};

/// What the figures were measured with.
struct Judged {
    Tally tally;
    std::string calibration;
};

Result<Judged> judge_all(Options& options) {
    PresenceInputs& inputs = options.inputs;
    TRY(inputs.read());
    if (options.leave_one_out) {
        if (inputs.walks.size() < 2) return invalid("--leave-one-out needs two walks or more");
        const Fitting fitting{.maps = !options.no_maps};
        return Judged{leave_one_out(inputs.walks, inputs.sensors, inputs.judging, fitting),
                      "fitted to the other walks"};
    }
    presence::Calibration calibration;
    Judged judged{{}, "built-in"};
    if (!options.calibration_file.empty()) {
        calibration = TRY(daemon::load_calibration(options.calibration_file));
        judged.calibration = options.calibration_file;
    }
    for (const Walk& walk : inputs.walks) {
        judged.tally.add(judge(walk, inputs.sensors, calibration, inputs.judging));
    }
    return judged;
}

void print_json(const Judged& judged, bool single) {
    const Tally& tally = judged.tally;
    nlohmann::json out{{"f1", tally.f1()},
                       {"precision", tally.precision()},
                       {"recall", tally.recall()},
                       {"entries", tally.entries},
                       {"true_entries", tally.true_entries},
                       {"zone_accuracy", tally.zone_accuracy()},
                       {"zone_switches", tally.zone_switches},
                       {"true_switches", tally.true_switches},
                       {"median_error_m", nullptr},
                       {"conflicts", tally.conflicts},
                       {"steps", tally.steps},
                       {"adverts", tally.adverts},
                       {"cpu_us_per_advert", tally.cpu_us_per_advert()},
                       {"single", single},
                       {"calibration", judged.calibration}};
    if (const auto error_m = tally.median_error_m()) out["median_error_m"] = *error_m;
    if (single) {
        for (const char* key : {"zone_accuracy", "zone_switches", "true_switches"}) {
            out[key] = nullptr;
        }
    }
    std::printf("%s\n", out.dump().c_str());
}

void print_table(const Judged& judged, bool single) {
    const Tally& tally = judged.tally;
    std::printf("calibration      %s\n", judged.calibration.c_str());
    std::printf("steps judged     %zu\n", tally.steps);
    std::printf("at kiosk  F1     %.3f\n", tally.f1());
    std::printf("   precision     %.3f\n", tally.precision());
    std::printf("      recall     %.3f\n", tally.recall());
    std::printf("     entries     %zu for %zu true\n", tally.entries, tally.true_entries);
    if (!single) {
        std::printf("zone accuracy    %.3f\n", tally.zone_accuracy());
        std::printf("     switches    %zu for %zu true\n", tally.zone_switches,
                    tally.true_switches);
    }
    if (const auto error_m = tally.median_error_m()) {
        std::printf("median error     %.2f m\n", *error_m);
    }
    std::printf("conflicts        %zu\n", tally.conflicts);
    std::printf("CPU an advert    %.1f us over %zu adverts\n", tally.cpu_us_per_advert(),
                tally.adverts);
}

Result<void> evaluate_presence(Options& options) {
    const Judged judged = TRY(judge_all(options));
    if (options.json) {
        print_json(judged, options.inputs.judging.single);
    } else {
        print_table(judged, options.inputs.judging.single);
    }
    return {};
}

}  // namespace

void add_evaluate(CLI::App& app, Invocation& invocation) {
    CLI::App* evaluate = app.add_subcommand("evaluate", "Measures a part on recorded data");
    evaluate->require_subcommand(1);
    add_evaluate_logs(*evaluate, invocation);
    add_evaluate_policy(*evaluate, invocation);
    add_evaluate_offers(*evaluate, invocation);
    CLI::App* command = evaluate->add_subcommand("presence", "How well the tracker finds members");
    command->footer(kExamples);
    const auto options = std::make_shared<Options>();
    options->inputs.add_options(*command);
    CLI::Option* file =
        command->add_option("--calibration", options->calibration_file,
                            "made by 'calibrate presence'; built-in values without it");
    file->type_name("FILE");
    command
        ->add_flag("--leave-one-out", options->leave_one_out,
                   "judge each walk with a calibration fitted to the others")
        ->excludes(file);
    command->add_flag("--no-maps", options->no_maps,
                      "with --leave-one-out: path loss and offsets only");
    command->add_flag("--single", options->inputs.judging.single,
                      "each sensor alone, as in a shop with one scanner");
    command->add_flag("--json", options->json, "one JSON object instead of a table");
    command->callback([options, &invocation] {
        invocation.run = [options] { return evaluate_presence(*options); };
    });
}

}  // namespace vitrine::ctl
