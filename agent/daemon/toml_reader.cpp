#include "agent/daemon/toml_reader.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1  // Debian's library is built with exceptions.
#include <toml++/toml.h>

namespace vitrine::daemon {

struct TomlDocument::State {
    toml::table root;
    std::filesystem::path file;
    std::vector<Mistake>* mistakes = nullptr;
    bool readable = false;
};

struct TomlReader::State {
    const TomlDocument::State* document = nullptr;
    const toml::table* table = nullptr;  ///< Null where the table is missing.
    std::string prefix;
    std::uint32_t line = 0;
    std::set<std::string, std::less<>> asked;

    const toml::node* find(std::string_view key) {
        asked.emplace(key);
        return table == nullptr ? nullptr : table->get(key);
    }
};

TomlDocument::TomlDocument(std::string_view text, const std::filesystem::path& file,
                           std::vector<Mistake>& mistakes)
    : state_(std::make_unique<State>()) {
    state_->file = file;
    state_->mistakes = &mistakes;
    toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        mistakes.push_back({.file = file.string(),
                            .line = parsed.error().source().begin.line,
                            .message = std::string(parsed.error().description())});
        return;
    }
    state_->root = std::move(parsed).table();
    state_->readable = true;
}

TomlDocument::~TomlDocument() = default;

bool TomlDocument::readable() const { return state_->readable; }

TomlReader TomlDocument::root() const {
    auto state = std::make_unique<TomlReader::State>();
    state->document = state_.get();
    state->table = &state_->root;
    return TomlReader(std::move(state));
}

TomlReader::TomlReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
TomlReader::TomlReader(TomlReader&&) noexcept = default;
TomlReader::~TomlReader() = default;

bool TomlReader::has(std::string_view key) const {
    return state_->table != nullptr && state_->table->contains(key);
}

void TomlReader::mistake(std::string_view key, std::string message) {
    const toml::node* node = state_->table == nullptr ? nullptr : state_->table->get(key);
    const std::uint32_t line = node == nullptr ? state_->line : node->source().begin.line;
    std::string full = state_->prefix;
    if (!full.empty() && !key.empty()) full += ".";
    full += key;
    state_->document->mistakes->push_back(
        {state_->document->file.string(), line, std::move(full), std::move(message)});
}

std::string TomlReader::text(std::string_view key, std::string_view otherwise) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) return std::string(otherwise);
    if (const auto value = node->value_exact<std::string>()) return *value;
    mistake(key, "expected a text in quotes");
    return std::string(otherwise);
}

std::vector<std::string> TomlReader::texts(std::string_view key, std::size_t count_max) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) return {};
    const toml::array* list = node->as_array();
    if (list == nullptr) return {text(key, "")};
    if (list->size() > count_max) {
        mistake(key, "more than " + std::to_string(count_max) + " of them");
        return {};
    }
    std::vector<std::string> texts;
    for (const toml::node& each : *list) {
        const auto value = each.value_exact<std::string>();
        if (!value) mistake(key, "expected texts in quotes");
        texts.push_back(value.value_or(""));
    }
    return texts;
}

std::int64_t TomlReader::integer(std::string_view key, std::int64_t otherwise, std::int64_t min,
                                 std::int64_t max) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= min && *value <= max) return *value;
    mistake(key,
            "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return otherwise;
}

double TomlReader::number(std::string_view key, double otherwise, double min, double max) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value<double>();
    if (value && node->is_number() && *value >= min && *value <= max) return *value;
    std::ostringstream expected;
    expected << "expected a number from " << min << " to " << max;
    mistake(key, expected.str());
    return otherwise;
}

bool TomlReader::flag(std::string_view key, bool otherwise) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) return otherwise;
    if (const auto value = node->value_exact<bool>()) return *value;
    mistake(key, "expected true or false");
    return otherwise;
}

std::filesystem::path TomlReader::path(std::string_view key) {
    const std::string given = text(key, "");
    if (given.empty()) return {};
    const auto folder = std::filesystem::absolute(state_->document->file).parent_path();
    return (folder / given).lexically_normal();
}

std::optional<Point> TomlReader::point() {
    constexpr double kFarM = 10'000;
    const Point point{number("x", 0, -kFarM, kFarM), number("y", 0, -kFarM, kFarM),
                      number("z", 0, -kFarM, kFarM)};
    if (has("x") != has("y")) mistake(has("x") ? "x" : "y", "x and y belong together");
    if (!has("x") && !has("y")) return std::nullopt;
    return point;
}

TomlReader TomlReader::table(std::string_view key) {
    auto state = std::make_unique<State>();
    state->document = state_->document;
    state->prefix =
        state_->prefix.empty() ? std::string(key) : state_->prefix + "." + std::string(key);
    if (const toml::node* node = state_->find(key)) {
        state->table = node->as_table();
        state->line = node->source().begin.line;
        if (state->table == nullptr) mistake(key, "expected a table, [" + std::string(key) + "]");
    }
    return TomlReader(std::move(state));
}

void TomlReader::each(std::string_view key, const std::function<void(TomlReader&)>& read) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) return mistake(key, "expected tables, [[" + std::string(key) + "]]");
    for (std::size_t i = 0; i < array->size(); ++i) {
        auto state = std::make_unique<State>();
        state->document = state_->document;
        state->prefix = std::string(key) + "[" + std::to_string(i) + "]";
        state->table = array->get(i)->as_table();
        state->line = array->get(i)->source().begin.line;
        TomlReader item(std::move(state));
        if (item.state_->table == nullptr) {
            item.mistake("", "expected a table");
            continue;
        }
        read(item);
        item.refuse_unknown();
    }
}

void TomlReader::refuse_unknown() {
    if (state_->table == nullptr) return;
    for (const auto& [key, node] : *state_->table) {
        if (state_->asked.contains(key.str())) continue;
        std::string known;
        for (const std::string& each : state_->asked) known += (known.empty() ? "" : ", ") + each;
        mistake(key.str(), "is not known here (known: " + known + ")");
    }
}

}  // namespace vitrine::daemon
