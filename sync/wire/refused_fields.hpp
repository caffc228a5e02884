#pragma once

#include <optional>
#include <string>
#include <string_view>

// What a campaign may not ask. Only this module's .cpp files include this.
namespace vitrine::wire {

/// Why no segment may ask for a thing of that name, in a sentence: it asks for a protected
/// attribute (Charter of Fundamental Rights, Article 21; Loi 2008-496; GDPR, Article 9), in French
/// or English, or for what ranks offers but must not decide who gets what value (REQUIREMENTS T12).
/// Nothing for any other name.
std::optional<std::string> why_refused(std::string_view name);

}  // namespace vitrine::wire
