#include "drivers/replay/recording.hpp"

#include <array>
#include <fstream>
#include <optional>

#include "agent/base/check.hpp"
#include "drivers/replay/rows.hpp"
#include "drivers/scanner/json_line.hpp"

namespace vitrine::replay {
namespace {

using scanner::JsonLine;

Result<std::uint16_t> scanner_from(std::string_view name, std::span<const ScannerId> scanners) {
    const auto index = index_of(name, scanners);
    if (index) return *index;
    std::string known;
    for (const ScannerId& scanner : scanners) {
        known += (known.empty() ? "" : ", ") + scanner.str();
    }
    return invalid("no scanner is called '" + std::string(name.substr(0, 40)) +
                   "' (there are: " + known + ")");
}

Result<Row> recorded_row(const JsonLine& json, std::span<const ScannerId> scanners) {
    TRY(json.has_only({"t", "scanner", "rssi", "address", "data", "key"}));
    Row row;
    row.time_s = TRY(json.number("t", 0, kTimeMax_s));
    row.heard.scanner = TRY(scanner_from(TRY(json.text("scanner")), scanners));
    row.heard.rssi = TRY(rssi_from(TRY(json.number("rssi", -127, 127))));
    row.heard.address = TRY(radio::Address::parse(TRY(json.text("address"))).within("'address'"));
    if (json.has("data") == json.has("key")) {
        return invalid("expected either 'data' (what was sent) or 'key' (whose phone it was)");
    }
    if (json.has("key")) {
        auto key = fixed_from_hex<16>(TRY(json.text("key"))).within("'key'");
        row.heard.sent = identity::IdentityKey{TRY(std::move(key))};
        return row;
    }
    const auto payload =
        radio::Payload::from(TRY(from_hex(TRY(json.text("data"))).within("'data'")));
    if (!payload) {
        return invalid("'data' is longer than " + std::to_string(radio::Payload::kSizeMax) +
                       " bytes");
    }
    row.heard.sent = *payload;
    return row;
}

/// A line is one of both.
struct Line {
    std::optional<Row> heard;
    double time_s = 0;
    KioskId mark;
};

Result<Line> line_from(std::string_view text, std::span<const ScannerId> scanners) {
    const JsonLine json = TRY(JsonLine::parse(text));
    if (!json.has("at")) return Line{.heard = TRY(recorded_row(json, scanners))};
    TRY(json.has_only({"t", "at"}));
    return Line{.heard = std::nullopt,
                .time_s = TRY(json.number("t", 0, kTimeMax_s)),
                .mark = TRY(KioskId::parse(TRY(json.text("at"))).within("'at'"))};
}

std::string seconds_text(std::chrono::nanoseconds at) {
    std::string nanoseconds = std::to_string(at.count() % 1'000'000'000);
    nanoseconds.insert(0, 9 - nanoseconds.size(), '0');
    return std::to_string(at.count() / 1'000'000'000) + "." + nanoseconds;
}

}  // namespace

Result<Recording> parse_recording(std::string_view text, std::string_view file,
                                  std::span<const ScannerId> scanners, OnMistake on_mistake) {
    Collector collector(file, on_mistake);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
        auto read = line_from(line, scanners);
        if (read && !read->heard) {
            TRY(collector.add_mark(read->time_s, read->mark, number));
            continue;
        }
        TRY(collector.add(read ? Result<Row>(*read->heard) : std::move(read).error(), number));
    }
    return std::move(collector).finish();
}

std::string to_line(const Heard& heard, std::span<const ScannerId> scanners) {
    CHECK(heard.scanner < scanners.size());
    const auto* payload = std::get_if<radio::Payload>(&heard.sent);
    const auto* key = std::get_if<identity::IdentityKey>(&heard.sent);
    return "{\"t\": " + seconds_text(heard.at) + ", \"scanner\": \"" +
           scanners[heard.scanner].str() + "\", \"rssi\": " + std::to_string(heard.rssi.value()) +
           ", \"address\": \"" + to_hex(heard.address.bytes) + "\", " +
           (payload != nullptr ? "\"data\": \"" + to_hex(payload->view())
                               : "\"key\": \"" + to_hex(key->bytes)) +
           "\"}\n";
}

std::string to_line(const Mark& mark) {
    return "{\"t\": " + seconds_text(mark.at) + ", \"at\": \"" + mark.kiosk.str() + "\"}\n";
}

Result<std::string> load_text(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return not_found(file.string() + ": cannot be opened");
    std::string text;
    std::array<char, 1 << 16> part;
    while (stream.read(part.data(), part.size()) || stream.gcount() > 0) {
        text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
        if (text.size() > kRecordingBytesMax) {
            return exhausted(file.string() + ": is larger than " +
                             std::to_string(kRecordingBytesMax >> 20) + " MiB");
        }
    }
    return text;
}

}  // namespace vitrine::replay
