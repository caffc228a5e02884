#include "sync/wire/rfc3339.hpp"

#include <array>
#include <cstdint>

namespace vitrine::wire {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kFirstDay = -719528;  // 0000-01-01
constexpr std::int64_t kLastDay = 2932896;   // 9999-12-31

bool can_be_written(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time.time_since_epoch()).count();
    return day >= kFirstDay && day <= kLastDay;
}

Error not_a_time(std::string_view text) {
    return invalid("'" + std::string(text.substr(0, 40)) +
                   "' is not a time like 2026-11-30T23:59:59Z or 2026-11-30T23:59:59+01:00");
}

/// Takes digits and letters off the front of a text.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    /// Exactly `digits` digits, as a number from 0 to `max`.
    int number(std::size_t digits, int max) {
        int value = 0;
        if (rest_.size() < digits) ok_ = false;
        for (std::size_t i = 0; ok_ && i < digits; ++i) {
            const char c = rest_[i];
            if (c < '0' || c > '9') ok_ = false;
            value = value * 10 + (c - '0');
        }
        if (!ok_ || value > max) return fail();
        rest_.remove_prefix(digits);
        return value;
    }

    bool accept(char wanted) {
        if (!ok_ || rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char wanted) {
        if (!accept(wanted)) ok_ = false;
    }

    /// The first three digits of a fraction of any length.
    int fraction_ms() {
        int value = 0;
        int scale = 100;
        std::size_t digits = 0;
        while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
            value += (rest_[digits] - '0') * scale;
            scale /= 10;
            ++digits;
        }
        if (digits == 0) return fail();
        rest_.remove_prefix(digits);
        return value;
    }

    bool done() const { return ok_ && rest_.empty(); }
    bool ok() const { return ok_; }

  private:
    int fail() {
        ok_ = false;
        return 0;
    }

    std::string_view rest_;
    bool ok_ = true;
};

milliseconds read_offset(Scanner& scanner) {
    if (scanner.accept('Z') || scanner.accept('z')) return {};
    const int sign = scanner.accept('-') ? -1 : 1;
    if (sign == 1) scanner.expect('+');
    const std::chrono::hours hours(scanner.number(2, 23));
    scanner.expect(':');
    const std::chrono::minutes minutes(scanner.number(2, 59));
    return sign * (hours + minutes);
}

}  // namespace

Result<std::string> format_time(WallTime time) {
    if (!can_be_written(time)) return invalid("a time outside the years 0 to 9999");
    const auto day = std::chrono::floor<std::chrono::days>(time.time_since_epoch());
    const std::chrono::year_month_day date{std::chrono::sys_days(day)};
    auto rest = (time.time_since_epoch() - day).count();
    std::string text = "0000-00-00T00:00:00.000Z";
    const auto put = [&text](std::size_t at, std::size_t digits, std::int64_t value) {
        for (std::size_t i = digits; i-- > 0; value /= 10) {
            text[at + i] = static_cast<char>('0' + value % 10);
        }
    };
    put(0, 4, static_cast<int>(date.year()));
    put(5, 2, static_cast<unsigned>(date.month()));
    put(8, 2, static_cast<unsigned>(date.day()));
    put(20, 3, rest % 1000);
    put(17, 2, (rest /= 1000) % 60);
    put(14, 2, (rest /= 60) % 60);
    put(11, 2, rest / 60);
    return text;
}

Result<WallTime> parse_time(std::string_view text) {
    Scanner scanner(text);
    const std::chrono::year year(scanner.number(4, 9999));
    scanner.expect('-');
    const std::chrono::month month(static_cast<unsigned>(scanner.number(2, 12)));
    scanner.expect('-');
    const std::chrono::day day(static_cast<unsigned>(scanner.number(2, 31)));
    if (!scanner.accept('t')) scanner.expect('T');
    const std::chrono::hours hours(scanner.number(2, 23));
    scanner.expect(':');
    const std::chrono::minutes minutes(scanner.number(2, 59));
    scanner.expect(':');
    const std::chrono::seconds seconds(scanner.number(2, 59));
    const milliseconds fraction(scanner.accept('.') ? scanner.fraction_ms() : 0);
    const milliseconds offset = read_offset(scanner);
    const std::chrono::year_month_day date(year, month, day);
    if (!scanner.done() || !date.ok()) return not_a_time(text);
    const milliseconds since_1970 = std::chrono::sys_days(date).time_since_epoch();
    const WallTime time = wall_at(since_1970 + hours + minutes + seconds + fraction - offset);
    // At the ends of the range an offset leads out of it.
    if (!can_be_written(time)) return not_a_time(text);
    return time;
}

}  // namespace vitrine::wire
