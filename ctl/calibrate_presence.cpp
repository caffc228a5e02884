#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "agent/daemon/calibration_json.hpp"
#include "agent/daemon/config.hpp"
#include "ctl/commands.hpp"
#include "ctl/presence_fit.hpp"
#include "ctl/presence_inputs.hpp"
#include "ctl/presence_recording.hpp"

namespace vitrine::ctl {
namespace {

constexpr const char* kExamples = R"(Examples:
  vitrinectl record --out walk.jsonl --key-file phone.key --walk
  vitrinectl calibrate presence --recording walk.jsonl --out shop.json
  vitrinectl calibrate presence --sensors sensors.csv --walks walk_*.csv --out shop.json
  vitrinectl evaluate presence --sensors sensors.csv --walks other_*.csv --calibration shop.json

Fits path loss, each scanner's offset, the noise and, along the walked paths, what shelves and walls
do. Thresholds change only where walks left out of the fit show a clear gain. Walk where members
will: in front of every kiosk, in both directions. docs/presence.md describes the file.)";

struct Options {
    PresenceInputs inputs;
    std::string config_file = "/etc/vitrine/agent.toml";
    std::vector<std::string> recordings;
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

/// The walks that the shop's own scanners recorded.
Result<void> read_recordings(const Options& options, PresenceInputs& inputs) {
    daemon::ConfigReading reading = daemon::read_config(options.config_file);
    if (!reading.mistakes.empty()) return invalid(reading.mistakes.front().text());
    const presence::Layout& layout = reading.config.layout;
    std::vector<ScannerId> scanners;
    for (const presence::Scanner& each : layout.scanners) scanners.push_back(each.id);
    for (const std::string& file : options.recordings) {
        const std::string text = TRY(replay::load_text(file));
        const auto recording =
            TRY(replay::parse_recording(text, file, scanners, replay::OnMistake::stop));
        inputs.walks.push_back(TRY(walk_of(recording, file, layout)));
    }
    inputs.sensors = sensors_of(layout);
    for (const ScannerId& id : hard_of_hearing(inputs.walks, inputs.sensors)) {
        std::fprintf(stderr, "scanner %s heard little of the walk: is it on and well placed?\n",
                     id.str().c_str());
    }
    return {};
}

Result<void> read_inputs(Options& options) {
    PresenceInputs& inputs = options.inputs;
    const bool csv = !inputs.sensors_file.empty() && !inputs.walk_files.empty();
    if (!options.recordings.empty()) return read_recordings(options, inputs);
    if (!csv) return invalid("give either --recording, or --sensors and --walks");
    return inputs.read();
}

/// A walk whose marks are wrong, or that was never far from a scanner or never near, does not show
/// how levels fall with distance: the fit ends at a limit, and would make things worse.
Result<void> check_fall(const presence::RadioModel& radio) {
    if (radio.exponent > 0.6 && radio.exponent < 5.5) return {};
    return invalid(
        "levels do not fall with distance as they should: were the marks typed where and "
        "when you stood? Walk again, past every kiosk and straight between them");
}

Result<void> calibrate_presence(Options& options) {
    PresenceInputs& inputs = options.inputs;
    TRY(read_inputs(options));
    // Where somebody was between two marks is not known well enough to choose thresholds by it.
    const bool thresholds = !options.keep_thresholds && options.recordings.empty();
    const Fitting fitting{.maps = !options.no_maps, .thresholds = thresholds};
    const presence::Calibration fitted = fit(inputs.walks, inputs.sensors, inputs.judging, fitting);
    TRY(fitted.check());
    if (!options.recordings.empty()) TRY(check_fall(fitted.radio));
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
    options->inputs.add_options(*command, false);
    command->add_option("--recording", options->recordings, "made by 'record --walk'; one or more")
        ->type_name("FILE")
        ->excludes("--sensors")
        ->excludes("--walks");
    command->add_option("--config,-c", options->config_file, "the shop, for --recording")
        ->capture_default_str();
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
