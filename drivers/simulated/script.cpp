#include "drivers/simulated/script.hpp"

#include <algorithm>
#include <cmath>

#include "agent/base/bytes.hpp"
#include "drivers/scanner/json_line.hpp"

namespace vitrine::simulated {
namespace {

using scanner::JsonLine;

Result<std::string> label_from(const JsonLine& line) {
    const std::string_view label = TRY(line.text("phone"));
    if (label.empty() || label.size() > 64) return invalid("'phone' has 1 to 64 bytes");
    return std::string(label);
}

Result<void> read_phone(const JsonLine& line, Script& script) {
    TRY(line.has_only({"phone", "key"}));
    Phone phone{.label = TRY(label_from(line)), .key = {}};
    phone.key.bytes = TRY(fixed_from_hex<16>(TRY(line.text("key"))).within("'key'"));
    if (script.phones.size() == kPhonesMax) {
        return exhausted("more than " + std::to_string(kPhonesMax) + " phones");
    }
    script.phones.push_back(std::move(phone));
    return {};
}

Result<void> read_step(const JsonLine& line, Script& script) {
    TRY(line.has_only({"at", "phone", "go"}));
    const double at_s = TRY(line.number("at", 0, 31 * 86'400.0));
    Step step{.at = std::chrono::milliseconds(std::llround(at_s * 1000)),
              .label = TRY(label_from(line)),
              .place = std::string(TRY(line.text("go")))};
    if (script.steps.size() == kStepsMax) {
        return exhausted("more than " + std::to_string(kStepsMax) + " steps");
    }
    script.steps.push_back(std::move(step));
    return {};
}

Result<void> read_strangers(const JsonLine& line, Script& script) {
    TRY(line.has_only({"strangers", "adverts_per_second"}));
    constexpr auto kMost = static_cast<double>(kStrangersMax);
    script.strangers = static_cast<std::size_t>(TRY(line.number("strangers", 0, kMost)));
    if (line.has("adverts_per_second")) {
        script.stranger_adverts_per_s = TRY(line.number("adverts_per_second", 0.01, 100));
    }
    return {};
}

Result<void> read_air(const JsonLine& line, Script& script) {
    TRY(line.has_only({"shadow_db"}));
    script.shadow_db = TRY(line.number("shadow_db", 0, 30));
    return {};
}

Result<void> read_line(std::string_view text, Script& script) {
    const JsonLine line = TRY(JsonLine::parse(text));
    if (line.has("go")) return read_step(line, script);
    if (line.has("strangers")) return read_strangers(line, script);
    if (line.has("shadow_db")) return read_air(line, script);
    return read_phone(line, script);
}

}  // namespace

Result<Script> parse_script(std::string_view text, std::string_view file) {
    Script script;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos || line[begin] == '#') continue;
        TRY(read_line(line, script).within(std::string(file) + ":" + std::to_string(number)));
    }
    return script;
}

}  // namespace vitrine::simulated
