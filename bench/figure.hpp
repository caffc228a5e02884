#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <time.h>

/// How every benchmark measures and what it prints: one JSON line a figure, with the median of its
/// runs, because the cores are shared.
namespace vitrine::bench {

inline double seconds_on(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Seconds that `work` takes by the clock on the wall.
template <class Work>
double wall_seconds(Work&& work) {
    const double begin = seconds_on(CLOCK_MONOTONIC);
    work();
    return seconds_on(CLOCK_MONOTONIC) - begin;
}

/// Seconds of CPU that this process spends on `work`: what others do on the core does not count.
template <class Work>
double cpu_seconds(Work&& work) {
    const double begin = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
    work();
    return seconds_on(CLOCK_PROCESS_CPUTIME_ID) - begin;
}

/// Keeps the compiler from removing the work that made `value`.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "r,m"(value) : "memory");
}

inline double median_of(std::vector<double> values) {
    if (values.empty()) return std::nan("");
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// The value below which `share` (0 to 1) of the values lie, by the nearest rank.
inline double quantile_of(std::vector<double> values, double share) {
    if (values.empty()) return std::nan("");
    std::ranges::sort(values);
    const double rank = std::ceil(share * static_cast<double>(values.size()));
    const auto index = static_cast<std::size_t>(std::max(1.0, rank)) - 1;
    return values[std::min(index, values.size() - 1)];
}

/// The processor's name and how many cores the process may use.
inline std::string machine() {
    std::ifstream cpu("/proc/cpuinfo");
    std::string line;
    std::string model = "unknown processor";
    while (std::getline(cpu, line)) {
        const auto colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            model = line.substr(colon + 2);
            break;
        }
    }
    return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
}

/// The folder of labelled data: $VITRINE_DATA, or ../shared/data beside the checkout.
inline std::string data_folder() {
    const char* folder = std::getenv("VITRINE_DATA");
#ifdef VITRINE_SOURCE_DIR
    if (folder == nullptr) return VITRINE_SOURCE_DIR "/../shared/data";
#endif
    return folder != nullptr ? folder : "../shared/data";
}

/// Says on standard error why a figure is missing.
inline void skip(std::string_view bench, std::string_view figure, std::string_view why) {
    std::fprintf(stderr, "skipped %.*s %.*s: %.*s\n", static_cast<int>(bench.size()), bench.data(),
                 static_cast<int>(figure.size()), figure.data(), static_cast<int>(why.size()),
                 why.data());
}

/// One figure of TARGETS, one value a run:
///
///     Figure r1{"radio", "R1 adverts a second, 100,000 members", "1/s"};
///     for (int run = 0; run < 9; ++run) { r1.add(…); r1.add_peer("naive decoder", …); }
///     r1.print();
class Figure {
  public:
    Figure(std::string bench, std::string figure, std::string unit)
        : bench_(std::move(bench)), figure_(std::move(figure)), unit_(std::move(unit)) {}

    void add(double value) { values_.push_back(value); }

    /// The same measured on something else in the same run. `ratio` is value / peer, of medians.
    void add_peer(std::string name, double value) {
        peer_ = std::move(name);
        peer_values_.push_back(value);
    }

    double median() const { return median_of(values_); }

    void print() const {
        if (values_.empty()) return skip(bench_, figure_, "no run");
        const auto [min, max] = std::ranges::minmax(values_);
        std::string line = "{\"bench\":" + quoted(bench_) + ",\"figure\":" + quoted(figure_) +
                           ",\"value\":" + number(median()) + ",\"unit\":" + quoted(unit_) +
                           ",\"runs\":" + std::to_string(values_.size()) +
                           ",\"min\":" + number(min) + ",\"max\":" + number(max) +
                           ",\"machine\":" + quoted(machine());
        if (!peer_values_.empty()) {
            const double peer = median_of(peer_values_);
            line += ",\"peer\":{\"name\":" + quoted(peer_) + ",\"value\":" + number(peer) +
                    "},\"ratio\":" + number(median() / peer);
        }
        std::printf("%s}\n", line.c_str());
        std::fflush(stdout);
    }

  private:
    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
        return out + '"';
    }

    /// Five significant digits; null where there is no number.
    static std::string number(double value) {
        if (!std::isfinite(value)) return "null";
        char text[32];
        std::snprintf(text, sizeof text, "%.5g", value);
        return text;
    }

    std::string bench_;
    std::string figure_;
    std::string unit_;
    std::string peer_;
    std::vector<double> values_;
    std::vector<double> peer_values_;
};

}  // namespace vitrine::bench
