#include "drivers/gateway/topics.hpp"

namespace vitrine::gateway {
namespace {

constexpr std::size_t kFilterMax = 256;

/// The first level; the text loses it together with its `/`, and `more` says whether there was one.
std::string_view take_level(std::string_view& text, bool& more) {
    const std::size_t slash = text.find('/');
    more = slash != std::string_view::npos;
    const std::string_view level = text.substr(0, slash);
    text.remove_prefix(more ? slash + 1 : text.size());
    return level;
}

}  // namespace

bool is_filter(std::string_view filter) {
    if (filter.empty() || filter.size() > kFilterMax || filter.starts_with("$share/")) return false;
    if (filter.find('\0') != std::string_view::npos) return false;
    bool more = true;
    while (more) {
        const std::string_view level = take_level(filter, more);
        const bool wild = level.find_first_of("+#") != std::string_view::npos;
        if (wild && level.size() > 1) return false;
        if (level == "#" && more) return false;
    }
    return true;
}

bool matches(std::string_view filter, std::string_view topic) {
    const bool wild_first = filter.starts_with('+') || filter.starts_with('#');
    if (wild_first && topic.starts_with('$')) return false;
    bool more_filter = true;
    bool more_topic = true;
    while (more_filter && more_topic) {
        const std::string_view wanted = take_level(filter, more_filter);
        if (wanted == "#") return true;
        const std::string_view level = take_level(topic, more_topic);
        if (wanted != "+" && wanted != level) return false;
    }
    if (more_topic) return false;
    return !more_filter || filter == "#";  // "a/#" means "a" too.
}

std::string scanner_topic(TenantId tenant, StoreId store, ScannerId scanner) {
    return "vitrine/v1/" + tenant.str() + "/" + store.str() + "/scanners/" + scanner.str() +
           "/adverts";
}

}  // namespace vitrine::gateway
