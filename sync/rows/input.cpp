#include "sync/rows/input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <zlib.h>

namespace vitrine::rows {

namespace {

constexpr unsigned kBufferBytes = 128 * 1024;

class GzipFile final : public Input {
  public:
    GzipFile(std::string name, gzFile file) : name_(std::move(name)), file_(file) {
        gzbuffer(file_, kBufferBytes);
    }
    ~GzipFile() override { gzclose(file_); }

    Result<std::size_t> read(std::span<char> into) override {
        const auto most = static_cast<unsigned>(std::min<std::size_t>(into.size(), kBufferBytes));
        const int count = gzread(file_, into.data(), most);
        int code = Z_OK;
        const char* why = gzerror(file_, &code);
        if (code == Z_ERRNO) return unavailable(name_ + ": " + std::strerror(errno));
        // A gzip that was cut short ends like a file, and says so only here.
        if (count < 0 || (count == 0 && code != Z_OK && code != Z_STREAM_END)) {
            return unavailable(name_ + ": the gzip is damaged or cut short: " + why);
        }
        return static_cast<std::size_t>(count);
    }

    Result<void> seek(std::uint64_t position) override {
        const auto wanted = static_cast<z_off64_t>(position);
        if (gzseek64(file_, wanted, SEEK_SET) == wanted) return {};
        return unavailable(name_ + ": has no byte " + std::to_string(position));
    }

    std::uint64_t passed() const override {
        const auto offset = gzoffset64(file_);
        return offset < 0 ? 0 : static_cast<std::uint64_t>(offset);
    }

  private:
    std::string name_;
    gzFile file_;
};

class Stream final : public Input {
  public:
    explicit Stream(std::istream& stream) : stream_(stream) {}

    Result<std::size_t> read(std::span<char> into) override {
        stream_.read(into.data(), static_cast<std::streamsize>(into.size()));
        if (stream_.bad()) return unavailable("the rows cannot be read on");
        const auto count = static_cast<std::size_t>(stream_.gcount());
        passed_ += count;
        return count;
    }
    Result<void> seek(std::uint64_t position) override {
        stream_.ignore(static_cast<std::streamsize>(position));
        passed_ = position;
        return {};
    }
    std::uint64_t passed() const override { return passed_; }

  private:
    std::istream& stream_;
    std::uint64_t passed_ = 0;
};

}  // namespace

Result<std::unique_ptr<Input>> open_file(const std::string& file) {
    const gzFile opened = gzopen64(file.c_str(), "rb");
    if (opened == nullptr) {
        return not_found(file + ": cannot be opened: " + std::strerror(errno));
    }
    return std::unique_ptr<Input>(std::make_unique<GzipFile>(file, opened));
}

std::unique_ptr<Input> over_stream(std::istream& stream) {
    return std::make_unique<Stream>(stream);
}

Result<Sample> sample_of(const std::string& file) {
    constexpr std::uint64_t kEndBytes = 64 * 1024;
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    const auto end = in.tellg();
    if (!in || end < 0) return not_found(file + ": cannot be read");
    Sample sample{.size = static_cast<std::uint64_t>(end)};
    const auto append = [&](std::uint64_t from, std::uint64_t count) {
        std::string bytes(count, '\0');
        in.seekg(static_cast<std::streamoff>(from));
        in.read(bytes.data(), static_cast<std::streamsize>(count));
        const ByteView read = view_of(bytes);
        for (const std::uint8_t byte : read) sample.ends.push_back(byte);
    };
    append(0, std::min(sample.size, kEndBytes));
    if (sample.size > kEndBytes) append(sample.size - kEndBytes, kEndBytes);
    if (!in) return unavailable(file + ": cannot be read");
    return sample;
}

}  // namespace vitrine::rows
