#include "agent/daemon/config.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "agent/daemon/toml_reader.hpp"

namespace vitrine::daemon {

namespace {

using Reader = TomlReader;

constexpr std::string_view kRadioSources = "none, bluez, simulated, replay";

RadioSource radio_from(Reader& radio) {
    const std::string name = radio.text("source", "none");
    if (name == "none") return RadioSource::none;
    if (name == "bluez") return RadioSource::bluez;
    if (name == "simulated") return RadioSource::simulated;
    if (name == "replay") return RadioSource::replay;
    radio.mistake("source", "'" + name + "' is not a source of adverts (known: " +
                                std::string(kRadioSources) + ")");
    return RadioSource::none;
}

void read_store(Reader& store, Config& config) {
    config.tenant = store.name<TenantId>("tenant");
    config.store = store.name<StoreId>("id");
    config.agent = store.name<AgentId>("agent");
    config.time_zone = store.text("time_zone", config.time_zone);
    const std::filesystem::path zone =
        std::filesystem::path("/usr/share/zoneinfo") / config.time_zone;
    if (config.time_zone.find("..") != std::string::npos ||
        !std::filesystem::is_regular_file(zone)) {
        store.mistake("time_zone", "'" + config.time_zone + "' is not a time zone of this machine");
    }
    config.state = store.path("state");
    if (config.state.empty())
        store.mistake("state", "is missing: the folder that the agent keeps its data in");
}

void read_http(Reader& http, Config& config) {
    config.http_address = http.text("address", config.http_address);
    config.http_port = static_cast<std::uint16_t>(http.integer("port", config.http_port, 0, 65535));
    config.ui = http.path("ui");
    config.claim_prefix = http.text("claim_prefix", "");
    config.staff = http.path("staff");
}

void read_centre(Reader& centre, Config& config) {
    config.broker = centre.text("broker", "");
    if (config.broker.empty()) return;
    const bool tls = config.broker.starts_with("mqtts://");
    if (!tls && !config.broker.starts_with("mqtt://")) {
        centre.mistake("broker", "expected mqtt://host:port or mqtts://host:port");
    }
    if (tls)
        config.tls = TlsFiles{centre.path("ca"), centre.path("certificate"), centre.path("key")};
    if (tls && config.tls->ca.empty())
        centre.mistake("ca", "is missing: mqtts needs to know whom to trust");
    const std::string key = centre.text("verify_key", "");
    const auto bytes = fixed_from_hex<32>(key);
    if (!bytes) {
        centre.mistake("verify_key", key.empty() ? "is missing: without it no bundle can be trusted"
                                                 : bytes.error().message);
        return;
    }
    config.verify_key.assign(bytes->begin(), bytes->end());
}

void read_radio(Reader& radio, Config& config) {
    config.radio = radio_from(radio);
    config.adapter = radio.text("adapter", "");
    config.discovery_allowed = radio.flag("discovery_allowed", true);
    config.script = radio.path("script");
    config.replay_speed = radio.number("speed", 1, 0.01, 1000);
    config.calibration = radio.path("calibration");
    config.explain_presence = radio.flag("explain", false);
    config.sensors = radio.path("sensors");
    if (radio.has("walk_key")) {
        const auto key = fixed_from_hex<16>(radio.text("walk_key", ""));
        if (key) config.walk_key = *key;
        if (!key) radio.mistake("walk_key", key.error().message);
    }
    Reader door = radio.table("door");
    config.door = door.point().value_or(Point{});
    door.refuse_unknown();
    const bool needs_script =
        config.radio == RadioSource::simulated || config.radio == RadioSource::replay;
    if (needs_script && config.script.empty()) {
        radio.mistake("script", "is missing: what is to be played");
    }
}

void read_limits(Reader& limits, Config& config) {
    using std::chrono::seconds;
    config.model_delta_every = seconds(limits.integer("model_delta_seconds", 300, 1, 86'400));
    config.health_every = seconds(limits.integer("health_seconds", 60, 1, 86'400));
    const auto mb = limits.integer("outbox_mb", 64, 1, 65'536);
    config.outbox_bytes_max = static_cast<std::uint64_t>(mb) << 20;
    config.log_level = limits.text("log_level", config.log_level);
    if (const auto seed = limits.integer("seed", -1, -1, INT64_MAX); seed >= 0) {
        config.seed = static_cast<std::uint64_t>(seed);
    }
}

std::uint16_t index_of(Reader& item, std::string_view key, const std::vector<std::string>& names) {
    const std::string name = item.text(key, "");
    if (name.empty()) return presence::kNowhere;
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) {
        item.mistake(key, "there is no '" + name + "' in this file");
        return presence::kNowhere;
    }
    return static_cast<std::uint16_t>(at - names.begin());
}

void read_layout(Reader& root, Config& config) {
    presence::Layout& layout = config.layout;
    std::vector<std::string> zones;
    std::vector<std::string> kiosks;
    root.each("zone", [&](Reader& zone) {
        layout.zones.push_back(zone.name<ZoneId>("id"));
        zones.push_back(layout.zones.back().str());
    });
    root.each("kiosk", [&](Reader& kiosk) {
        layout.kiosks.push_back({.id = kiosk.name<KioskId>("id"),
                                 .at = kiosk.point().value_or(Point{}),
                                 .enter_m = kiosk.number("enter_m", 2.5, 0.2, 50),
                                 .exit_m = kiosk.number("exit_m", 3.5, 0.2, 50)});
        kiosks.push_back(layout.kiosks.back().id.str());
    });
    root.each("scanner", [&](Reader& scanner) {
        layout.scanners.push_back({.id = scanner.name<ScannerId>("id"),
                                   .at = scanner.point(),
                                   .zone = index_of(scanner, "zone", zones),
                                   .kiosk = index_of(scanner, "kiosk", kiosks)});
    });
    if (layout.kiosks.empty()) root.mistake("kiosk", "at least one [[kiosk]] is needed");
    if (const auto checked = layout.check(); !checked) root.mistake("", checked.error().message);
}

}  // namespace

std::string Mistake::text() const {
    std::string text = file;
    if (line > 0) text += ":" + std::to_string(line);
    text += ": ";
    if (!key.empty()) text += key + ": ";
    return text + message;
}

ConfigReading read_config_text(std::string_view text, const std::filesystem::path& file) {
    ConfigReading reading;
    TomlDocument document(text, file, reading.mistakes);
    if (!document.readable()) return reading;
    Reader root = document.root();
    const auto table = [&](std::string_view key, auto read) {
        Reader reader = root.table(key);
        read(reader, reading.config);
        reader.refuse_unknown();
    };
    table("store", read_store);
    table("http", read_http);
    table("centre", read_centre);
    table("radio", read_radio);
    table("limits", read_limits);
    read_layout(root, reading.config);
    root.refuse_unknown();
    std::ranges::stable_sort(reading.mistakes, {}, &Mistake::line);
    return reading;
}

ConfigReading read_config(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return {.mistakes = {{file.string(), 0, "", "cannot be read"}}};
    return read_config_text(text.str(), file);
}

}  // namespace vitrine::daemon
