#include "agent/daemon/config.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "agent/daemon/config_radio.hpp"
#include "agent/daemon/toml_reader.hpp"

namespace vitrine::daemon {

namespace {

using Reader = TomlReader;

Role role_from(Reader& store) {
    const std::string name = store.text("role", "store");
    if (name == "store") return Role::store;
    if (name == "scanner") return Role::scanner;
    store.mistake("role", "'" + name + "' is not a role (known: store, scanner)");
    return Role::store;
}

void read_store(Reader& store, Config& config) {
    config.role = role_from(store);
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
    if (config.state.empty() && config.role == Role::store)
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
    read_broker(centre, config.broker, config.tls);
    config.reconnect_spread =
        std::chrono::seconds(centre.integer("reconnect_spread_seconds", 10, 0, 60));
    // A scanner applies no bundles, so it trusts no key.
    const std::vector<std::string> keys = centre.texts("verify_key", Config::kVerifyKeysMax);
    if (config.broker.empty() || (config.role == Role::scanner && keys.empty())) return;
    if (keys.empty()) {
        centre.mistake("verify_key", "is missing: without it no bundle can be trusted");
    }
    for (const std::string& key : keys) {
        const auto bytes = fixed_from_hex<32>(key);
        if (!bytes) {
            centre.mistake("verify_key", bytes.error().message);
        } else if (std::ranges::find(config.verify_keys, *bytes) != config.verify_keys.end()) {
            centre.mistake("verify_key", "the same key twice");
        } else {
            config.verify_keys.push_back(*bytes);
        }
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
        const std::string called = kiosk.text("name", "");
        if (called.size() > 64) kiosk.mistake("name", "is longer than 64 bytes");
        config.kiosk_names.emplace(layout.kiosks.back().id, called);
    });
    root.each("scanner", [&](Reader& scanner) {
        layout.scanners.push_back({.id = scanner.name<ScannerId>("id"),
                                   .at = scanner.point(),
                                   .zone = index_of(scanner, "zone", zones),
                                   .kiosk = index_of(scanner, "kiosk", kiosks)});
        const auto index = static_cast<std::uint16_t>(layout.scanners.size() - 1);
        read_receiver(scanner, layout.scanners.back().id, index, config);
    });
    if (layout.kiosks.empty() && config.role == Role::store)
        root.mistake("kiosk", "at least one [[kiosk]] is needed");
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
    table("gateways", read_gateways);
    read_layout(root, reading.config);
    if (root.has("beacon")) table("beacon", read_beacon);
    check_receivers(root, reading.config);
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
