#include "agent/http/backoff.hpp"

#include <algorithm>

namespace vitrine::http {

std::chrono::nanoseconds Backoff::wait(std::string_view key, Instant now) const {
    const auto found = failures_.find(std::string(key));
    if (found == failures_.end() || found->second.until <= now) return std::chrono::nanoseconds(0);
    return found->second.until - now;
}

void Backoff::failed(std::string_view key, Instant now) {
    std::string name(key);
    auto found = failures_.find(name);
    if (found == failures_.end()) {
        if (failures_.size() >= policy_.keys_max) make_room(now);
        found = failures_.emplace(std::move(name), Failures{}).first;
    }
    Failures& failures = found->second;
    if (now - failures.until > policy_.forget_after) failures.count = 0;
    ++failures.count;
    failures.last = now;
    failures.until = now;
    if (failures.count < policy_.free_failures) return;
    const std::uint32_t doublings = std::min(failures.count - policy_.free_failures, 20U);
    failures.until = now + std::min(policy_.first * (1 << doublings), policy_.longest);
}

void Backoff::succeeded(std::string_view key) { failures_.erase(std::string(key)); }

void Backoff::make_room(Instant now) {
    std::erase_if(failures_, [&](const auto& entry) {
        return now - entry.second.until > policy_.forget_after;
    });
    if (failures_.size() < policy_.keys_max) return;
    failures_.erase(std::min_element(
        failures_.begin(), failures_.end(),
        [](const auto& one, const auto& other) { return one.second.last < other.second.last; }));
}

}  // namespace vitrine::http
