#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace vitrine::central {

/// Finds rows that are about the same thing, among the last millions of them: in a fixed memory, so
/// two rows that are further apart are not noticed.
class ImportTwins {
  public:
    static constexpr std::size_t kRowsMax = std::size_t{1} << 21;

    /// For about so many rows.
    explicit ImportTwins(std::uint64_t rows);

    enum class Found : std::uint8_t { nothing, same, different };
    /// Whether one of this identity came before, and with the same content.
    Found add(std::uint64_t identity, std::uint64_t content);

  private:
    static constexpr std::size_t kWays = 8;
    struct Entry {
        std::uint64_t identity = 0;
        std::uint64_t content = 0;
    };
    struct Bucket {
        std::array<Entry, kWays> entries{};
        std::uint8_t oldest = 0;
    };
    std::vector<Bucket> buckets_;
};

}  // namespace vitrine::central
