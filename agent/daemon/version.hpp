#pragma once

#include <string_view>

namespace vitrine::daemon {

inline constexpr std::string_view kVersion = VITRINE_VERSION;

}  // namespace vitrine::daemon
