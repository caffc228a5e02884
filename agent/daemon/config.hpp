#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/presence/layout.hpp"
#include "drivers/gateway/gateway_scanner.hpp"
#include "sync/bundle/keys.hpp"

namespace vitrine::daemon {

/// One mistake in the configuration, where a person can find it.
struct Mistake {
    std::string file;
    std::uint32_t line = 0;  ///< From 1; 0 where it is about the file as a whole.
    std::string key;         ///< "kiosk[2].x"; empty where it is not about one.
    std::string message;

    /// "agent.toml:12: kiosk[2].x: expected a number".
    std::string text() const;
};

/// Where the adverts come from.
enum class RadioSource : std::uint8_t { none, bluez, simulated, replay };

/// What this agent is to its store.
enum class Role : std::uint8_t {
    store,    ///< It decides and shows: one a store.
    scanner,  ///< It only hears, for the store's other agent.
};

struct TlsFiles {
    std::filesystem::path ca;
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// The broker that gateways publish to.
struct GatewayBroker {
    std::string url;  ///< As the centre's.
    std::optional<TlsFiles> tls;
    std::string user;  ///< Empty: none.
    std::filesystem::path password_file;
};

/// An adapter of this machine, and which scanner it is.
struct Adapter {
    std::uint16_t scanner = 0;
    std::string name;  ///< "hci0"; empty: the first there is.
};

/// What the agent sends so that phones know where they are.
struct Beacon {
    std::uint16_t kiosk = 0;  ///< The screen that it stands for: an index into Layout::kiosks.
    std::array<std::uint8_t, 16> uuid{};
    std::uint16_t store_number = 0;
    std::uint16_t kiosk_number = 0;
    std::int8_t rssi_at_1m_dbm = -59;
    std::filesystem::path rotating_key;  ///< Empty: the Eddystone frame does not rotate.
};

/// What the agent is told by its file (docs/configuration.md has every key). Relative paths are
/// relative to the file's folder.
struct Config {
    Role role = Role::store;
    TenantId tenant;
    StoreId store;
    AgentId agent;
    std::string time_zone = "Europe/Paris";
    std::filesystem::path state;  ///< The folder that the agent keeps its data in.

    std::string http_address = "127.0.0.1";
    std::uint16_t http_port = 8080;
    std::filesystem::path ui;  ///< The built pages.
    std::string
        claim_prefix;  ///< Before a claim's token in QR codes; default: this server's own /c/.
    std::filesystem::path
        staff;  ///< The staff's names and password hashes; empty: nobody may log in.

    std::string
        broker;  ///< "mqtt://host:port" or "mqtts://host:port"; empty: the shop stands alone.
    std::optional<TlsFiles> tls;
    /// Ed25519 public keys of the centre: whose bundles are applied.
    std::vector<bundle::PublicKey> verify_keys;
    static constexpr std::size_t kVerifyKeysMax = 8;

    RadioSource radio = RadioSource::none;
    std::string adapter;                    ///< bluez: of the scanner that names none.
    std::vector<Adapter> adapters;          ///< bluez: at least one.
    GatewayBroker gateway_broker;           ///< Empty without gateways.
    std::vector<gateway::Source> gateways;  ///< Heard beside whatever `radio` says.
    std::optional<Beacon> beacon;           ///< bluez only.
    bool discovery_allowed =
        true;                      ///< bluez: fall back to discovery where passive listening fails.
    std::filesystem::path script;  ///< simulated: the shoppers; replay: the recording.
    double replay_speed = 1;
    std::filesystem::path sensors;  ///< replay of a labelled walk: where its sensors are, …
    std::optional<std::array<std::uint8_t, 16>>
        walk_key;  ///< … and the key of the phone that walks.
    Point door;    ///< simulated: where shoppers come in.

    std::filesystem::path calibration;  ///< Empty: built-in.
    presence::Layout layout;
    std::map<KioskId, std::string> kiosk_names;  ///< What the staff call it; may be empty.

    std::chrono::seconds reconnect_spread{10};  ///< mqtt::Settings::spread.
    std::chrono::seconds model_delta_every{300};
    std::chrono::seconds health_every{60};
    std::uint64_t outbox_bytes_max = 64U << 20;
    std::string log_level = "info";
    std::optional<std::uint64_t> seed;  ///< Fixes chance, for replays and tests.
    bool explain_presence = false;      ///< Log each presence transition, without the member.
};

/// The configuration and everything that is wrong with it: it is usable only where nothing is.
struct ConfigReading {
    Config config;
    std::vector<Mistake> mistakes;
};
ConfigReading read_config(const std::filesystem::path& file);
/// The same from a text; `file` is what mistakes name and what relative paths start from.
ConfigReading read_config_text(std::string_view text, const std::filesystem::path& file);

}  // namespace vitrine::daemon
