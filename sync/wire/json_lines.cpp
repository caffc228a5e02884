#include <algorithm>
#include <unordered_map>

#include "sync/wire/json.hpp"

namespace vitrine::wire {

namespace {

/// Walks once over JSON that is known to be good, and notes the lines of the paths that are asked
/// for.
class LineFinder {
  public:
    explicit LineFinder(std::string_view text) : rest_(text) {}

    /// Asks for a path and all those around it.
    void ask(const std::string& path) {
        lines_.emplace(path, 0);
        for (std::size_t i = 0; i < path.size(); ++i) {
            if (path[i] == '.' || path[i] == '[') lines_.emplace(path.substr(0, i), 0);
        }
    }
    void walk() {
        skip_blanks();
        note();
        value();
    }
    /// Of the path, or the innermost one around it that is there.
    std::size_t line_of(std::string path) const {
        for (;;) {
            const auto found = lines_.find(path);
            if (found != lines_.end() && found->second != 0) return found->second;
            const std::size_t end = path.find_last_of(".[");
            if (end == std::string::npos) return 1;
            path.resize(end);
        }
    }

  private:
    void skip_blanks() {
        while (!rest_.empty() &&
               (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\r' || rest_[0] == '\n')) {
            if (rest_[0] == '\n') ++line_;
            rest_.remove_prefix(1);
        }
    }
    bool take(char wanted) {
        skip_blanks();
        const bool there = !rest_.empty() && rest_[0] == wanted;
        if (there) rest_.remove_prefix(1);
        return there;
    }
    /// What stands between the quotes, as it is spelled.
    std::string_view text() {
        rest_.remove_prefix(1);
        std::size_t end = 0;
        while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2U : 1U;
        end = std::min(end, rest_.size());
        const std::string_view between = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return between;
    }
    void note() {
        const auto asked = lines_.find(path_);
        if (asked != lines_.end() && asked->second == 0) asked->second = line_;
    }
    // Recursion is bounded: the parser refused what is nested deeper than its limit.
    void value() {
        skip_blanks();
        if (rest_.empty()) return;
        switch (rest_[0]) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                text();
                return;
            default:
                rest_.remove_prefix(std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size()));
        }
    }
    void object() {
        rest_.remove_prefix(1);
        const std::size_t outside = path_.size();
        while (!take('}') && !rest_.empty()) {
            // A name goes into a path as Place::text spells it.
            const std::string_view name = text();
            if (!path_.empty()) path_ += '.';
            path_.append(name.substr(0, 64));
            note();
            take(':');
            value();
            path_.resize(outside);
            take(',');
        }
    }
    void array() {
        rest_.remove_prefix(1);
        const std::size_t outside = path_.size();
        for (std::size_t index = 0; !take(']') && !rest_.empty(); ++index) {
            path_ += '[' + std::to_string(index) + ']';
            note();
            value();
            path_.resize(outside);
            take(',');
        }
    }

    std::string_view rest_;
    std::size_t line_ = 1;
    std::string path_;
    std::unordered_map<std::string, std::size_t> lines_;
};

}  // namespace

void find_lines(std::string_view text, std::vector<Problem>& problems) {
    if (problems.empty()) return;
    LineFinder finder(text);
    for (const Problem& each : problems) finder.ask(each.path);
    finder.walk();
    for (Problem& each : problems) each.line = finder.line_of(each.path);
    std::ranges::stable_sort(problems, {}, &Problem::line);
}

}  // namespace vitrine::wire
