#include "agent/daemon/config_radio.hpp"

#include <algorithm>

#include "drivers/gateway/topics.hpp"

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

void add_gateway(Reader& gateway, ScannerId id, std::uint16_t index, Config& config) {
    gateway::Source source{.id = id, .scanner = index};
    const auto format = gateway::format_from(gateway.text("format", "vitrine"));
    if (format) source.format = *format;
    if (!format) gateway.mistake("format", format.error().message);
    source.topic = gateway.text("topic", "");
    source.adverts_per_second =
        gateway.number("adverts_per_second", gateway::Intake::kRateDefault, 1, 10'000);
    gateway.refuse_unknown();
    if (source.topic.empty() && source.format == gateway::Format::vitrine) {
        source.topic = gateway::scanner_topic(config.tenant, config.store, id);
    }
    if (!gateway::is_filter(source.topic)) {
        gateway.mistake("topic", source.topic.empty()
                                     ? "is missing: where the gateway publishes what it hears"
                                     : "'" + source.topic + "' is not an MQTT topic filter");
    }
    const auto same = std::ranges::find(config.gateways, source.topic, &gateway::Source::topic);
    if (same != config.gateways.end()) {
        gateway.mistake("topic", "is that of scanner '" + same->id.str() + "' too");
    }
    config.gateways.push_back(std::move(source));
}

void add_adapter(Reader& scanner, std::uint16_t index, Config& config) {
    const bool named = scanner.has("adapter");
    const std::string name = scanner.text("adapter", config.adapter);
    if (named && config.radio != RadioSource::bluez) {
        scanner.mistake("adapter", "is of no use unless radio.source is \"bluez\"");
    }
    if (config.radio != RadioSource::bluez) return;
    if (std::ranges::find(config.adapters, name, &Adapter::name) != config.adapters.end()) {
        scanner.mistake("adapter", named ? "'" + name + "' hears for another scanner already"
                                         : "is missing: another scanner has the adapter of [radio] "
                                           "already; name an adapter or a gateway");
    }
    config.adapters.push_back({index, name});
}

Result<std::array<std::uint8_t, 16>> uuid_from(std::string text) {
    std::erase(text, '-');
    return fixed_from_hex<16>(text);
}

}  // namespace

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

void read_broker(Reader& reader, std::string& url, std::optional<TlsFiles>& tls) {
    url = reader.text("broker", "");
    if (url.empty()) return;
    const bool secure = url.starts_with("mqtts://");
    if (!secure && !url.starts_with("mqtt://")) {
        reader.mistake("broker", "expected mqtt://host:port or mqtts://host:port");
    }
    if (secure) tls = TlsFiles{reader.path("ca"), reader.path("certificate"), reader.path("key")};
    if (secure && tls->ca.empty()) {
        reader.mistake("ca", "is missing: mqtts needs to know whom to trust");
    }
}

void read_gateways(Reader& gateways, Config& config) {
    GatewayBroker& broker = config.gateway_broker;
    read_broker(gateways, broker.url, broker.tls);
    broker.user = gateways.text("user", "");
    broker.password_file = gateways.path("password_file");
    if (!broker.url.empty()) return;
    broker.url = config.broker;
    broker.tls = config.tls;
}

void read_receiver(Reader& scanner, ScannerId id, std::uint16_t index, Config& config) {
    Reader gateway = scanner.table("gateway");
    if (!scanner.has("gateway")) return add_adapter(scanner, index, config);
    if (!scanner.text("adapter", "").empty()) {
        scanner.mistake("adapter", "a scanner is either an adapter of this machine or a gateway");
    }
    add_gateway(gateway, id, index, config);
}

void read_beacon(Reader& reader, Config& config) {
    std::vector<std::string> kiosks;
    for (const presence::Kiosk& each : config.layout.kiosks) kiosks.push_back(each.id.str());
    const std::uint16_t kiosk = index_of(reader, "kiosk", kiosks);
    Beacon beacon{.kiosk = kiosk == presence::kNowhere ? std::uint16_t{0} : kiosk};
    const std::string text = reader.text("uuid", "");
    const auto uuid = uuid_from(text);
    if (uuid) beacon.uuid = *uuid;
    if (!uuid) reader.mistake("uuid", text.empty() ? "is missing" : uuid.error().message);
    if (!reader.has("store_number")) reader.mistake("store_number", "is missing");
    beacon.store_number = static_cast<std::uint16_t>(reader.integer("store_number", 0, 0, 65'535));
    beacon.kiosk_number =
        static_cast<std::uint16_t>(reader.integer("kiosk_number", beacon.kiosk + 1, 0, 65'535));
    beacon.rssi_at_1m_dbm =
        static_cast<std::int8_t>(reader.integer("rssi_at_1m_dbm", -59, -127, 20));
    beacon.rotating_key = reader.path("rotating_key");
    if (config.radio != RadioSource::bluez) {
        reader.mistake("", "a beacon needs radio.source \"bluez\"");
    }
    config.beacon = beacon;
}

void check_receivers(Reader& root, Config& config) {
    if (config.radio == RadioSource::bluez && config.adapters.empty()) {
        root.mistake("radio",
                     "no [[scanner]] is left for an adapter: give one, or set source to "
                     "\"none\" where gateways hear alone");
    }
    if (!config.gateways.empty() && config.gateway_broker.url.empty()) {
        root.mistake("gateways",
                     "broker is missing, and there is none in [centre] either: where "
                     "gateways publish what they hear");
    }
    if (config.role == Role::scanner && config.broker.empty()) {
        root.mistake("centre", "broker is missing: where a scanner publishes what it hears");
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

}  // namespace vitrine::daemon
