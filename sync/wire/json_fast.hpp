#pragma once

#include <optional>
#include <string_view>

#include "sync/wire/json.hpp"

namespace vitrine::wire {

/// What parse_json reads, in a third of the time: a centre reads some thousand events a second.
/// Nothing for whatever is unusual, wrong or large: then parse_json looks closer, and says what is
/// wrong with it. Whatever this accepts is read by both alike (json_test.cpp).
std::optional<Json> parse_fast(std::string_view text, const JsonLimits& limits);

}  // namespace vitrine::wire
