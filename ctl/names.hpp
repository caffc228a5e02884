#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vitrine::ctl {

/// Texts numbered from 0 in the order in which they were first met.
class Names {
  public:
    static constexpr std::uint32_t kNone = 0xffffffff;
    /// More different ones of a kind are refused.
    static constexpr std::size_t kMax = 20'000'000;

    std::uint32_t add(std::string_view text);
    /// kNone for one that was never added.
    std::uint32_t find(std::string_view text) const;
    const std::string& of(std::uint32_t number) const { return *names_[number]; }
    std::size_t size() const { return names_.size(); }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
    std::vector<const std::string*> names_;
};

/// The same number for a text on every machine: FNV-1a.
std::uint64_t hash_of(std::string_view text);

}  // namespace vitrine::ctl
