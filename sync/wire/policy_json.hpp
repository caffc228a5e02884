#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/profiles/policy.hpp"
#include "sync/wire/problem.hpp"

namespace vitrine::wire {

/// Everything that is wrong with a policy (docs/configuration.md gives each field's bounds). A
/// field that is left out has its default.
std::vector<Problem> check_policy(std::string_view json);

/// `invalid` with the first problem where `check_policy` has any.
Result<profiles::Policy> decode_policy(std::string_view json);

/// Writes every field. `invalid` for what its reader would refuse.
Result<std::string> encode_policy(const profiles::Policy& policy);

}  // namespace vitrine::wire
