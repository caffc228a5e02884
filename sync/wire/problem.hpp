#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine::wire {

/// One mistake in a document that people write: where it is ("offers[12].prior_price") and what is
/// wrong, in a sentence. The path is empty for a mistake of the document as a whole.
struct Problem {
    std::string path;
    std::string message;
    std::size_t line = 0;  ///< From 1; 0 where nobody looked for it.
    friend bool operator==(const Problem&, const Problem&) = default;
};

/// A document is not read any further after so many.
inline constexpr std::size_t kProblemsMax = 100;

/// "catalogue.json:31: offers[2].title.fr: the French text is missing", as editors understand it.
std::string line_of(const Problem& problem, std::string_view file);

/// The first problem as an error, "offers[12].prior_price: …", with the count of the others.
Error error_of(const std::vector<Problem>& problems);

}  // namespace vitrine::wire
