#include "agent/host/log.hpp"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include "agent/base/utf8.hpp"

namespace vitrine::host {
namespace {

constexpr std::chrono::seconds kWindow{10};
constexpr std::uint32_t kLinesPerWindow = 5;
constexpr std::size_t kSites = 256;          // Call sites followed at once; more share a slot.
constexpr std::size_t kValueBytesMax = 512;  // A longer text is cut.

/// What one call site has written lately.
struct SiteBudget {
    CallSite site;
    Instant window_start{};
    std::uint32_t written = 0;
    std::uint64_t suppressed = 0;
};

/// Hands each line to the kernel in one piece. A log that cannot be written is given up silently:
/// there is no better place to say so.
class FdSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  public:
    explicit FdSink(int fd) : fd_(fd) {}

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        while (write(fd_, line.data(), line.size()) < 0 && errno == EINTR) {
        }
    }
    void flush_() override {}

    int fd_;
};

/// Under journald JOURNAL_STREAM is "device:inode" of the stream it reads; a stream redirected
/// elsewhere is for people. (systemd.exec(5))
bool is_journal(int fd) {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || fstat(fd, &status) != 0) return false;
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

char priority_of(Level level) {
    constexpr std::array<char, 5> kPriorities{'7', '6', '5', '4', '3'};
    return kPriorities[static_cast<std::size_t>(level)];
}

std::string_view name_of(Level level) {
    constexpr std::array<std::string_view, 5> kNames{"debug", "info", "notice", "warning", "error"};
    return kNames[static_cast<std::size_t>(level)];
}

/// What moves a terminal's cursor or ends a line, in both ranges of Unicode.
bool is_control(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
    return character.size() == 2 && byte(0) == 0xc2 && byte(1) < 0xa0;
}

/// Text of foreign origin stays on its line and in UTF-8: of a line that is none, journalctl shows
/// that it has some bytes and nothing else.
void append_escaped(std::string& line, std::string_view text) {
    std::string_view rest = text.substr(0, kValueBytesMax);
    while (!rest.empty()) {
        const std::size_t size = size_of_utf8(rest);
        const std::string_view character = rest.substr(0, std::max<std::size_t>(size, 1));
        if (size == 0 || is_control(character)) {
            for (const char c : character) {
                const auto byte = static_cast<unsigned char>(c);
                line += "\\x";
                line += "0123456789abcdef"[byte >> 4];
                line += "0123456789abcdef"[byte & 0xf];
            }
        } else {
            if (character == "\"" || character == "\\") line += '\\';
            line += character;
        }
        rest.remove_prefix(character.size());
    }
    if (text.size() > kValueBytesMax) line += "…";
}

void append_value(std::string& line, std::string_view text) {
    if (!text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos) {
        append_escaped(line, text);
        return;
    }
    line += '"';
    append_escaped(line, text);
    line += '"';
}

void append_value(std::string& line, bool value) { line += value ? "true" : "false"; }

template <class Arithmetic>
void append_number(std::string& line, Arithmetic value) {
    std::array<char, 32> digits{};
    const auto [end, code] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    line.append(digits.data(), code == std::errc{} ? end : digits.data());
}

void append_value(std::string& line, std::int64_t value) { append_number(line, value); }
void append_value(std::string& line, std::uint64_t value) { append_number(line, value); }

void append_value(std::string& line, double value) {
    std::array<char, 32> digits{};
    const auto [end, code] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                           std::chars_format::general, 6);
    line.append(digits.data(), code == std::errc{} ? end : digits.data());
}

}  // namespace

struct Log::State {
    State(const Clock& the_clock, const Options& options)
        : clock(the_clock),
          level(options.level),
          journal(options.format == Format::journal ||
                  (options.format == Format::automatic && is_journal(options.fd))),
          sink(options.fd) {
        sink.set_formatter(std::make_unique<spdlog::pattern_formatter>(
            journal ? "%v" : "%Y-%m-%d %H:%M:%S.%e %v"));
    }

    /// The slot of a call site; when two meet in one slot, the newer takes it over.
    SiteBudget& budget_of(CallSite site, Instant now) {
        const std::size_t hash =
            std::hash<const void*>{}(site.file) * 31 + static_cast<std::size_t>(site.line);
        SiteBudget& budget = budgets[hash % kSites];
        if (budget.site.file != site.file || budget.site.line != site.line) {
            budget = {.site = site, .window_start = now};
        }
        return budget;
    }

    /// The number of lines left out since the last one, or nothing if this one is left out too.
    std::optional<std::uint64_t> admit(CallSite site) {
        const Instant now = clock.monotonic();
        SiteBudget& budget = budget_of(site, now);
        if (now - budget.window_start >= kWindow) {
            budget.window_start = now;
            budget.written = 0;
        }
        if (budget.written >= kLinesPerWindow) {
            ++budget.suppressed;
            return std::nullopt;
        }
        ++budget.written;
        return std::exchange(budget.suppressed, 0);
    }

    const Clock& clock;
    const Level level;
    const bool journal;
    FdSink sink;
    std::array<SiteBudget, kSites> budgets{};
    std::string line;
};

Log::Log(const Clock& clock, Options options) : state_(std::make_unique<State>(clock, options)) {}

Log::~Log() = default;

void Log::write(Level level, std::string_view event, Fields fields, CallSite site) {
    if (level < state_->level) return;
    std::uint64_t suppressed = 0;
    if (level >= Level::warning) {
        const auto admitted = state_->admit(site);
        if (!admitted) return;
        suppressed = *admitted;
    }
    std::string& line = state_->line;
    line.clear();
    if (state_->journal) {
        line += {'<', priority_of(level), '>'};
    } else {
        line.append(name_of(level)).append(8 - name_of(level).size(), ' ');
    }
    append_escaped(line, event);
    for (const Field& field : fields) {
        line.append(" ").append(field.key()).append("=");
        std::visit([&line](const auto& value) { append_value(line, value); }, field.value());
    }
    if (suppressed > 0) line.append(" suppressed=").append(std::to_string(suppressed));
    const auto wall =
        std::chrono::system_clock::time_point(state_->clock.wall().time_since_epoch());
    state_->sink.log(
        spdlog::details::log_msg(wall, spdlog::source_loc{}, "", spdlog::level::info, line));
}

Result<Level> Log::parse_level(std::string_view text) {
    for (const Level level :
         {Level::debug, Level::info, Level::notice, Level::warning, Level::error}) {
        if (text == name_of(level)) return level;
    }
    return invalid("log level: expected debug, info, notice, warning or error");
}

}  // namespace vitrine::host
