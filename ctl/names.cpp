#include "ctl/names.hpp"

#include "agent/base/check.hpp"

namespace vitrine::ctl {

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return hash;
}

std::uint32_t Names::add(std::string_view text) {
    const std::uint32_t known = find(text);
    if (known != kNone) return known;
    const auto number = static_cast<std::uint32_t>(names_.size());
    const auto [at, added] = numbers_.emplace(std::string(text), number);
    CHECK(added);
    names_.push_back(&at->first);
    return number;
}

std::uint32_t Names::find(std::string_view text) const {
    const auto at = numbers_.find(text);
    return at == numbers_.end() ? kNone : at->second;
}

}  // namespace vitrine::ctl
