#include "agent/http/json_object.hpp"

#include <algorithm>
#include <vector>

namespace vitrine::http {
namespace {

constexpr int kDepthMax = 4;

std::string in_quotes(std::string_view name) { return "'" + std::string(name.substr(0, 64)) + "'"; }

}  // namespace

Result<JsonObject> JsonObject::parse(std::string_view text,
                                     std::initializer_list<std::string_view> known) {
    std::vector<std::string> seen;
    std::string complaint;
    const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
        if (depth > kDepthMax && complaint.empty()) complaint = "nested too deeply";
        if (event != nlohmann::json::parse_event_t::key || depth != 1) return depth <= kDepthMax;
        const auto& name = value.get_ref<const std::string&>();
        if (!complaint.empty()) return false;
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            complaint = "field " + in_quotes(name) + " is not known";
        } else if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
            complaint = "field " + in_quotes(name) + " stands twice";
        }
        seen.push_back(name);
        return true;
    };
    nlohmann::json json = nlohmann::json::parse(text, watch, false);
    if (!complaint.empty()) return invalid(complaint);
    if (json.is_discarded()) return invalid("the body is not JSON");
    if (!json.is_object()) return invalid("the body is not a JSON object");
    return JsonObject(std::move(json));
}

Result<std::string> JsonObject::text(std::string_view name, std::size_t bytes_max) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return invalid("field " + in_quotes(name) + " is missing");
    if (!found->is_string()) return invalid("field " + in_quotes(name) + " is not a text");
    const auto& text = found->get_ref<const std::string&>();
    if (text.size() > bytes_max) return invalid("field " + in_quotes(name) + " is too long");
    return text;
}

Result<std::uint64_t> JsonObject::number(std::string_view name, std::uint64_t otherwise,
                                         std::uint64_t max) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return otherwise;
    if (!found->is_number_unsigned()) {
        return invalid("field " + in_quotes(name) + " is not a whole number from 0");
    }
    const auto number = found->get<std::uint64_t>();
    if (number > max) return invalid("field " + in_quotes(name) + " is too large");
    return number;
}

}  // namespace vitrine::http
