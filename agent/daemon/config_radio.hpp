#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/daemon/config.hpp"
#include "agent/daemon/toml_reader.hpp"

namespace vitrine::daemon {

// The part of the configuration that says who hears and what is sent; of no use outside this
// folder. In this order: radio, broker, each scanner, and what can only be said at the end.

void read_radio(TomlReader& radio, Config& config);
/// A broker's address, and its certificates where it has a secure one.
void read_broker(TomlReader& reader, std::string& url, std::optional<TlsFiles>& tls);
void read_gateways(TomlReader& gateways, Config& config);
/// Who hears for one scanner of the layout: an adapter of this machine or a gateway.
void read_receiver(TomlReader& scanner, ScannerId id, std::uint16_t index, Config& config);
void read_beacon(TomlReader& beacon, Config& config);
void check_receivers(TomlReader& root, Config& config);

/// The place of the text at `key` among `names`, or kNowhere where there is none; a mistake where
/// it is not among them.
std::uint16_t index_of(TomlReader& item, std::string_view key,
                       const std::vector<std::string>& names);

}  // namespace vitrine::daemon
