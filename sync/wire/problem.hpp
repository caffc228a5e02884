#pragma once

#include <string>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine::wire {

/// One mistake in a document that people write: where it is ("offers[12].prior_price") and what is
/// wrong, in a sentence. The path is empty for a mistake of the document as a whole.
struct Problem {
    std::string path;
    std::string message;
    friend bool operator==(const Problem&, const Problem&) = default;
};

/// A document is not read any further after so many.
inline constexpr std::size_t kProblemsMax = 100;

/// The first problem as an error, "offers[12].prior_price: …", with the count of the others.
Error error_of(const std::vector<Problem>& problems);

}  // namespace vitrine::wire
