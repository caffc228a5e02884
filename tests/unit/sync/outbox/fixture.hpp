#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "sync/outbox/outbox.hpp"

namespace vitrine::outbox {

/// A folder of its own that goes with the test.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "outbox-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

inline WallTime at_second(std::int64_t s) { return wall_at(std::chrono::seconds(s)); }

/// What the n-th record of a test says, so that a reader can tell every byte of it.
inline std::string text_for(std::uint64_t n, std::size_t size = 300) {
    std::string text = "record " + std::to_string(n) + " ";
    while (text.size() < size) text += static_cast<char>('a' + (n + text.size()) % 26);
    return text;
}

inline Limits small_limits() {
    Limits limits;
    limits.ballast_bytes = 0;
    return limits;
}

inline Outbox opened(const std::string& path, Limits limits = small_limits()) {
    auto outbox = Outbox::open(path, limits);
    if (!outbox) {
        ADD_FAILURE() << outbox.error().message;
        std::abort();
    }
    return std::move(outbox).value();
}

/// Appends `count` records whose text carries their sequence.
inline Result<Sequence> append(Outbox& outbox, std::size_t count,
                               Priority priority = Priority::action, std::size_t size = 300) {
    std::vector<std::string> texts;
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < count; ++i) {
        texts.push_back(text_for(outbox.next_sequence().value() + i, size));
    }
    for (const std::string& text : texts) entries.push_back({view_of(text), priority});
    return outbox.append(entries, {}, at_second(100));
}

inline std::vector<std::uint64_t> pending(Outbox& outbox) {
    auto rows = outbox.read(Sequence(0), 1'000'000, 1U << 30);
    std::vector<std::uint64_t> sequences;
    if (!rows) ADD_FAILURE() << rows.error().message;
    if (!rows) return sequences;
    for (const Row& row : *rows) {
        sequences.push_back(row.sequence.value());
        const std::string text(text_of(row.bytes));
        EXPECT_EQ(text, text_for(row.sequence.value(), text.size()));
    }
    return sequences;
}

inline std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t n = first; n <= last; ++n) all.push_back(n);
    return all;
}

}  // namespace vitrine::outbox
