#include "drivers/gateway/message.hpp"

#include <array>
#include <cmath>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "drivers/scanner/json_line.hpp"

namespace vitrine::gateway {
namespace {

using nlohmann::json;
using scanner::JsonLine;

/// Like the beacon clock of identifiers, and far above any uptime.
constexpr double kTimeMax_s = 4'294'967'295.0;

constexpr std::uint8_t kServiceData16 = 0x16;
constexpr std::uint8_t kServiceData128 = 0x21;
constexpr std::uint8_t kManufacturerData = 0xff;
/// What stands behind the 16 bits of an assigned UUID: Core Specification, volume 3, part B, 2.5.1.
constexpr std::string_view kBaseUuid = "00001000800000805f9b34fb";

Result<Rssi> rssi_from(double dbm) {
    if (!(dbm >= -127 && dbm <= 20)) return invalid("'rssi' is not from -127 to 20");
    return Rssi(static_cast<std::int8_t>(std::lround(dbm)));
}

std::chrono::milliseconds time_from(double seconds) {
    return std::chrono::milliseconds(std::llround(seconds * 1000));
}

Result<radio::Payload> payload_from(ByteView bytes) {
    const auto payload = radio::Payload::from(bytes);
    if (!payload) {
        return invalid("the advert is longer than " + std::to_string(radio::Payload::kSizeMax) +
                       " bytes");
    }
    return *payload;
}

Result<Overheard> overheard_from(std::string_view line) {
    const JsonLine fields = TRY(JsonLine::parse(line));
    TRY(fields.has_only({"t", "rssi", "data"}));
    Overheard heard;
    if (fields.has("t")) heard.heard_at = time_from(TRY(fields.number("t", 0, kTimeMax_s)));
    heard.rssi = TRY(rssi_from(TRY(fields.number("rssi", -127, 20))));
    heard.data = TRY(payload_from(TRY(from_hex(TRY(fields.text("data"))).within("'data'"))));
    return heard;
}

Result<std::vector<Overheard>> parse_lines(std::string_view text) {
    std::vector<Overheard> heard;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        if (heard.size() == kAdvertsInMessageMax) return exhausted("too many adverts in a message");
        heard.push_back(TRY(overheard_from(line).within("line " + std::to_string(number))));
    }
    return heard;
}

Result<json> object_from(ByteView payload) {
    json object = json::parse(payload.begin(), payload.end(), nullptr, false);
    if (!object.is_object()) return invalid("not a JSON object");
    return object;
}

/// Null for none; `invalid` where it is no text.
Result<const std::string*> text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return static_cast<const std::string*>(nullptr);
    if (!found->is_string()) return invalid("'" + std::string(key) + "' is not a text");
    return found->get_ptr<const std::string*>();
}

Result<Bytes> bytes_at(const json& object, const char* key) {
    const std::string* text = TRY(text_at(object, key));
    if (text == nullptr) return Bytes{};
    return from_hex(*text).within("'" + std::string(key) + "'");
}

Result<double> number_at(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return invalid("'" + std::string(key) + "' is missing");
    if (!found->is_number()) return invalid("'" + std::string(key) + "' is not a number");
    return found->get<double>();
}

/// As the air has it: least significant byte first, two bytes or sixteen.
Result<Bytes> uuid_from(std::string_view text) {
    std::string digits;
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    for (const char c : text.substr(0, 40)) {
        if (c != '-') digits.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    }
    const bool assigned = digits.size() == 32 && digits.starts_with("0000") &&
                          std::string_view(digits).substr(8) == kBaseUuid;
    if (assigned) digits = digits.substr(4, 4);
    Bytes bytes = TRY(from_hex(digits).within("'servicedatauuid'"));
    if (bytes.size() != 2 && bytes.size() != 16) {
        return invalid("'servicedatauuid' is neither 4 nor 32 hexadecimal digits");
    }
    return Bytes(bytes.rbegin(), bytes.rend());
}

void append(Bytes& advert, std::uint8_t type, const Bytes& head, const Bytes& rest) {
    advert.push_back(static_cast<std::uint8_t>(1 + head.size() + rest.size()));
    advert.push_back(type);
    advert.insert(advert.end(), head.begin(), head.end());
    advert.insert(advert.end(), rest.begin(), rest.end());
}

/// The AD structures that the gateway took apart, put together again.
Result<std::vector<Overheard>> parse_theengs(ByteView payload) {
    const json object = TRY(object_from(payload));
    const Bytes service_data = TRY(bytes_at(object, "servicedata"));
    const Bytes manufacturer_data = TRY(bytes_at(object, "manufacturerdata"));
    if (std::max(service_data.size(), manufacturer_data.size()) > radio::Payload::kSizeMax) {
        return invalid("the advert is longer than " + std::to_string(radio::Payload::kSizeMax) +
                       " bytes");
    }
    Bytes advert;
    if (!service_data.empty()) {
        const std::string* uuid_text = TRY(text_at(object, "servicedatauuid"));
        if (uuid_text == nullptr) return invalid("'servicedata' without 'servicedatauuid'");
        const Bytes uuid = TRY(uuid_from(*uuid_text));
        append(advert, uuid.size() == 2 ? kServiceData16 : kServiceData128, uuid, service_data);
    }
    if (!manufacturer_data.empty()) append(advert, kManufacturerData, {}, manufacturer_data);
    return std::vector<Overheard>{{.rssi = TRY(rssi_from(TRY(number_at(object, "rssi")))),
                                   .data = TRY(payload_from(advert)),
                                   .heard_at = std::nullopt}};
}

Result<std::vector<Overheard>> parse_raw(ByteView payload) {
    const json object = TRY(object_from(payload));
    const std::string* text = TRY(text_at(object, "adv"));
    if (text == nullptr) return invalid("'adv' is missing");
    Overheard heard{.rssi = TRY(rssi_from(TRY(number_at(object, "rssi")))),
                    .data = TRY(payload_from(TRY(from_hex(*text).within("'adv'")))),
                    .heard_at = std::nullopt};
    if (object.contains("t")) {
        const double time_s = TRY(number_at(object, "t"));
        if (!(time_s >= 0 && time_s <= kTimeMax_s)) return invalid("'t' is not a time in seconds");
        heard.heard_at = time_from(time_s);
    }
    return std::vector<Overheard>{heard};
}

}  // namespace

Result<Format> format_from(std::string_view name) {
    if (name == "vitrine") return Format::vitrine;
    if (name == "theengs") return Format::theengs;
    if (name == "raw") return Format::raw;
    return invalid("'" + std::string(name.substr(0, 40)) +
                   "' is not a format (known: vitrine, theengs, raw)");
}

Result<std::vector<Overheard>> parse_message(Format format, ByteView payload) {
    if (payload.size() > kMessageBytesMax) {
        return exhausted("longer than " + std::to_string(kMessageBytesMax) + " bytes");
    }
    if (payload.empty()) return std::vector<Overheard>{};
    switch (format) {
        case Format::vitrine:
            return parse_lines(text_of(payload));
        case Format::theengs:
            return parse_theengs(payload);
        case Format::raw:
            return parse_raw(payload);
    }
    check_failed("known Format", __FILE__, __LINE__);
}

std::string to_line(const Overheard& heard) {
    std::string line = "{";
    if (heard.heard_at) {
        const auto ms = heard.heard_at->count();
        std::string part = std::to_string(ms % 1000);
        part.insert(0, 3 - part.size(), '0');
        line += "\"t\":" + std::to_string(ms / 1000) + "." + part + ",";
    }
    return line + "\"rssi\":" + std::to_string(heard.rssi.value()) + ",\"data\":\"" +
           to_hex(heard.data.view()) + "\"}\n";
}

}  // namespace vitrine::gateway
