#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/base/result.hpp"

namespace vitrine::http {

/// A flat JSON object from outside, read strictly: every field known, none twice, values of the
/// type that is asked for. Errors name the field. Private to this module.
class JsonObject {
  public:
    static Result<JsonObject> parse(std::string_view text,
                                    std::initializer_list<std::string_view> known);

    bool has(std::string_view name) const { return json_.contains(name); }
    /// `invalid` where it is missing, of another type, or longer than `bytes_max`.
    Result<std::string> text(std::string_view name, std::size_t bytes_max) const;
    /// A whole number from 0 to `max`, by default 2^53 − 1, which is as far as JavaScript counts;
    /// `otherwise` where it is missing.
    Result<std::uint64_t> number(std::string_view name, std::uint64_t otherwise,
                                 std::uint64_t max = (1ULL << 53) - 1) const;

  private:
    explicit JsonObject(nlohmann::json json) : json_(std::move(json)) {}
    nlohmann::json json_;
};

}  // namespace vitrine::http
