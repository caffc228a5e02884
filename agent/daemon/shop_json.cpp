#include "agent/daemon/shop_json.hpp"

#include <cstdio>

namespace vitrine::daemon {

namespace {

/// Labels come from a file on this machine: only what would break the JSON is taken out.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out + "\"";
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", value);
    return text.data();
}

}  // namespace

std::string shoppers_json(std::span<const simulated::Whereabouts> shoppers) {
    std::string json = "[";
    for (const simulated::Whereabouts& each : shoppers) {
        if (json.size() > 1) json += ",";
        json += "{\"label\":" + quoted(each.label) + ",\"place\":" + quoted(each.place) +
                ",\"in_store\":" + (each.in_store ? "true" : "false") +
                ",\"walking\":" + (each.walking ? "true" : "false") +
                ",\"x\":" + number(each.at.x_m) + ",\"y\":" + number(each.at.y_m) + "}";
    }
    return json + "]";
}

}  // namespace vitrine::daemon
