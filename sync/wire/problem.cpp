#include "sync/wire/problem.hpp"

namespace vitrine::wire {

std::string line_of(const Problem& problem, std::string_view file) {
    std::string line(file);
    if (problem.line > 0) line += ":" + std::to_string(problem.line);
    line += ": ";
    if (!problem.path.empty()) line += problem.path + ": ";
    return line + problem.message;
}

Error error_of(const std::vector<Problem>& problems) {
    CHECK(!problems.empty());
    const Problem& first = problems.front();
    std::string message = first.path.empty() ? first.message : first.path + ": " + first.message;
    if (problems.size() > 1) {
        message += " (and " + std::to_string(problems.size() - 1) + " more problems)";
    }
    return invalid(std::move(message));
}

}  // namespace vitrine::wire
