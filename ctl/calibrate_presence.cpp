#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "agent/daemon/calibration_json.hpp"
#include "ctl/commands.hpp"
#include "ctl/presence_fit.hpp"
#include "ctl/presence_inputs.hpp"

namespace vitrine::ctl {
namespace {

constexpr const char* kExamples = R"(Examples:
  vitrinectl calibrate presence --sensors sensors.csv --walks walk_*.csv --out shop.json
  vitrinectl evaluate presence --sensors sensors.csv --walks other_*.csv --calibration shop.json

Fits path loss, each scanner's offset, the noise and, along the walked paths, what shelves and walls
do. Thresholds change only where walks left out of the fit show a clear gain. Walk where members
will: in front of every kiosk, in both directions. docs/presence.md describes the file.)";

struct Options {
    PresenceInputs inputs;
    std::string out_file;
    bool no_maps = false;
    bool keep_thresholds = false;
};

Result<void> write_text(const std::string& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) return unavailable(file + ": cannot be written");
    return {};
}

Result<void> calibrate_presence(Options& options) {
    PresenceInputs& inputs = options.inputs;
    TRY(inputs.read());
    const Fitting fitting{.maps = !options.no_maps, .thresholds = !options.keep_thresholds};
    const presence::Calibration fitted = fit(inputs.walks, inputs.sensors, inputs.judging, fitting);
    TRY(fitted.check());
    TRY(write_text(options.out_file, daemon::calibration_to_json(fitted)));
    const presence::RadioModel& radio = fitted.radio;
    std::printf("%s: %.1f dBm at 1 m, exponent %.2f, sigma %.1f dB, %zu offsets, %zu maps\n",
                options.out_file.c_str(), radio.rssi_at_1m_dbm, radio.exponent, radio.sigma_db,
                radio.offsets.size(), radio.maps.size());
    return {};
}

}  // namespace

void add_calibrate(CLI::App& app, Invocation& invocation) {
    CLI::App* calibrate = app.add_subcommand("calibrate", "Fit a part to labelled recordings");
    calibrate->require_subcommand(1);
    CLI::App* command = calibrate->add_subcommand("presence", "Fit the tracker to one shop");
    command->footer(kExamples);
    const auto options = std::make_shared<Options>();
    options->inputs.add_options(*command);
    command->add_option("--out", options->out_file, "where to write the calibration")
        ->required()
        ->type_name("FILE");
    command->add_flag("--no-maps", options->no_maps, "path loss and offsets only");
    command->add_flag("--keep-thresholds", options->keep_thresholds, "do not choose thresholds");
    command->callback([options, &invocation] {
        invocation.run = [options] { return calibrate_presence(*options); };
    });
}

}  // namespace vitrine::ctl
