#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <span>
#include <string>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"

namespace vitrine::rows {

/// Where bytes come from, one after the other.
class Input {
  public:
    virtual ~Input() = default;
    Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    /// The next bytes, at least one; 0 at the end. `unavailable`: it cannot be read on, or its gzip
    /// is damaged or cut short.
    virtual Result<std::size_t> read(std::span<char> into) = 0;
    /// Goes on that many bytes behind the beginning; only before the first `read`.
    virtual Result<void> seek(std::uint64_t position) = 0;
    /// What of `size` was read, for who waits: of a gzip, packed.
    virtual std::uint64_t passed() const = 0;
};

/// A file, plain or gzip. `not_found` where it cannot be opened.
Result<std::unique_ptr<Input>> open_file(const std::string& file);

/// A stream, plain; it outlives the input.
std::unique_ptr<Input> over_stream(std::istream& stream);

/// A file's size, and its first and last 64 KiB: by which one knows again what was begun, without
/// reading gigabytes.
struct Sample {
    std::uint64_t size = 0;
    Bytes ends;
};
Result<Sample> sample_of(const std::string& file);

}  // namespace vitrine::rows
