#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/units.hpp"
#include "agent/daemon/config.hpp"

namespace vitrine::daemon {

/// One table of a TOML file, read key by key. Nothing stops at a mistake: each is added to the list
/// with its line, and the default stands in, so that a person sees all of them at once.
class TomlReader {
  public:
    TomlReader(TomlReader&&) noexcept;
    ~TomlReader();

    std::string text(std::string_view key, std::string_view otherwise);
    /// One text, or a list of at most `count_max`; empty where the key is missing.
    std::vector<std::string> texts(std::string_view key, std::size_t count_max);
    std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t min,
                         std::int64_t max);
    double number(std::string_view key, double otherwise, double min, double max);
    bool flag(std::string_view key, bool otherwise);
    /// Made absolute against the file's folder; empty where the key is missing.
    std::filesystem::path path(std::string_view key);
    /// `x`, `y` and, where given, `z`, in metres; nothing where both x and y are missing.
    std::optional<Point> point();
    /// Required.
    template <class Id>
    Id name(std::string_view key) {
        const auto id = Id::parse(text(key, ""));
        if (id) return *id;
        mistake(key, has(key) ? id.error().message : "is missing");
        return {};
    }

    /// A table that may be missing.
    TomlReader table(std::string_view key);
    /// Each item of an array of tables, in order; refuses what `read` did not ask for.
    void each(std::string_view key, const std::function<void(TomlReader&)>& read);

    bool has(std::string_view key) const;
    /// Adds a mistake at that key's line, or at the table's where the key is missing.
    void mistake(std::string_view key, std::string message);
    /// A mistake for every key that nobody asked for: most are typing errors.
    void refuse_unknown();

  private:
    friend class TomlDocument;
    struct State;
    explicit TomlReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// A parsed TOML text; outlives its readers.
class TomlDocument {
  public:
    TomlDocument(std::string_view text, const std::filesystem::path& file,
                 std::vector<Mistake>& mistakes);
    ~TomlDocument();

    /// False after a syntax error, which is then the only mistake.
    bool readable() const;
    TomlReader root() const;

  private:
    friend class TomlReader;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vitrine::daemon
