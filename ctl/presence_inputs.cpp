#include "ctl/presence_inputs.hpp"

#include <CLI/CLI.hpp>

namespace vitrine::ctl {

void PresenceInputs::add_options(CLI::App& app, bool required) {
    app.add_option("--sensors", sensors_file, "sensor_address,name,x_m,y_m,z_m")
        ->required(required)
        ->type_name("FILE");
    app.add_option("--walks", walk_files, "time_s,sensor,beacon,rssi_dbm,x_m,y_m,z_m; one or more")
        ->required(required)
        ->type_name("FILE");
    app.add_option("--enter", judging.enter_m, "metres at which one is at a kiosk")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--exit", judging.exit_m, "metres beyond which one has left it")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
}

Result<void> PresenceInputs::read() {
    sensors = TRY(read_sensors(sensors_file));
    TRY(layout_of(sensors, judging).check());
    walks.clear();
    for (const std::string& file : walk_files) walks.push_back(TRY(read_walk(file, sensors)));
    return {};
}

}  // namespace vitrine::ctl
