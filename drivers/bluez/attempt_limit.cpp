#include "drivers/bluez/attempt_limit.hpp"

#include <algorithm>

namespace vitrine::bluez {

bool AttemptLimit::take(const std::string& link, Instant now) {
    while (!tries_.empty() && now - tries_.front().at >= kWindow) tries_.pop_front();
    if (tries_.size() >= all_max_) return false;
    const auto of_link =
        std::ranges::count_if(tries_, [&](const Try& each) { return each.link == link; });
    if (static_cast<std::size_t>(of_link) >= link_max_) return false;
    tries_.push_back({now, link});
    return true;
}

}  // namespace vitrine::bluez
