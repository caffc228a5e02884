#include "ctl/import_run.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "agent/host/clock.hpp"
#include "sync/central/schema.hpp"

namespace vitrine::ctl {

namespace {

/// One line on a terminal, written over a few times a second.
class Meter {
  public:
    explicit Meter(std::string file)
        : file_(std::move(file)),
          shown_(::isatty(STDERR_FILENO) == 1),
          began_(clock_.monotonic()) {}
    ~Meter() {
        if (shown_) std::cerr << "\r\x1b[K";
    }
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;

    void show(const central::ImportProgress& progress) {
        const Instant now = clock_.monotonic();
        first_row_ = std::min(first_row_, progress.report.rows);
        if (!shown_ || now < next_) return;
        next_ = now + std::chrono::milliseconds(250);
        const double seconds = std::chrono::duration<double>(now - began_).count();
        const auto rows = static_cast<double>(progress.report.rows - first_row_);
        const double share = progress.size == 0 ? 1
                                                : static_cast<double>(progress.passed) /
                                                      static_cast<double>(progress.size);
        const double speed = seconds > 0 ? rows / seconds : 0;
        std::cerr << "\r\x1b[K" << file_ << ": " << progress.report.rows << " rows, "
                  << std::lround(100 * share) << " %, " << std::lround(speed) << " rows/s"
                  << std::flush;
    }

  private:
    std::string file_;
    host::SystemClock clock_;
    bool shown_;
    Instant began_;
    Instant next_ = Instant::min();
    std::uint64_t first_row_ = ~std::uint64_t{0};
};

void tell_beginning(const std::string& file, const central::ImportOutcome& outcome) {
    if (outcome.changed) {
        std::cerr << file
                  << ": another file of this name was imported in part; it has changed since, so "
                     "this began anew\n";
    }
    if (outcome.was_finished) std::cout << file << ": is all in already; nothing was done\n";
    if (outcome.resumed_at > 0) {
        std::cout << file << ": went on at line " << outcome.resumed_at << '\n';
    }
}

void tell_end(const std::string& file, const central::ImportReport& report, bool dry_run) {
    for (const auto& refusal : report.refusals) {
        std::cerr << file << ':' << refusal.line << ": " << refusal.reason << '\n';
    }
    std::cout << file << ": " << report.taken << " of " << report.rows
              << (dry_run ? " rows would be taken" : " rows taken");
    if (report.refused > 0) std::cout << ", " << report.refused << " refused";
    std::cout << '\n' << findings_table(report);
}

}  // namespace

std::string findings_table(const central::ImportReport& report) {
    std::ostringstream table;
    for (const auto& finding : report.findings) {
        table << "  " << std::left << std::setw(10) << name_of(finding.flaw) << std::right
              << std::setw(10) << finding.count << (finding.refused ? "  refused  " : "  taken    ")
              << finding.column << (finding.column.empty() ? "" : " ") << finding.reason
              << " (line ";
        const char* between = "";
        for (const std::uint64_t line : finding.lines) {
            table << between << line;
            between = ", ";
        }
        table << (finding.count > finding.lines.size() ? ", …)\n" : ")\n");
    }
    table << std::fixed << std::setprecision(1);
    for (const auto& column : report.columns) {
        if (column.given == report.rows || report.rows == 0) continue;
        const double empty =
            1 - static_cast<double>(column.given) / static_cast<double>(report.rows);
        table << "  empty     " << std::setw(9) << 100 * empty << "%           " << column.name
              << (column.required ? "\n" : " (may be)\n");
    }
    return std::move(table).str();
}

void add_centre_options(CLI::App& command, CentreAt& centre) {
    command.add_option("--state", centre.state, "The centre's folder")->capture_default_str();
    command.add_option("--database", centre.database,
                       "postgresql://… where the centre has one; without it, its folder's own");
}

Result<std::unique_ptr<sql::Connection>> open_centre(const CentreAt& centre) {
    if (!centre.database.empty()) return central::open_database(centre.database);
    std::error_code error;
    std::filesystem::create_directories(centre.state, error);
    if (error) return unavailable(centre.state + ": cannot be made: " + error.message());
    return central::open_database((std::filesystem::path(centre.state) / "central.db").string());
}

Result<std::uint64_t> import_and_tell(sql::Connection& connection, central::ImportKind kind,
                                      const std::string& file, WallTime now,
                                      central::ImportSettings settings, const std::string& report) {
    central::ImportOutcome outcome;
    {
        Meter meter(file);
        settings.progress = [&meter](const central::ImportProgress& progress) {
            meter.show(progress);
            return true;
        };
        outcome = TRY(central::import_file(connection, kind, file, now, settings));
    }
    tell_beginning(file, outcome);
    tell_end(file, outcome.report, settings.dry_run);
    if (outcome.report.refused > 0 && !settings.refused_file.empty() && !settings.dry_run) {
        std::cerr << settings.refused_file << ": the refused rows, to be mended and imported\n";
    }
    if (!report.empty()) {
        std::ofstream out(report, std::ios::binary);
        out << central::report_json(outcome.report);
        if (!out.flush()) return exhausted(report + ": cannot be written");
    }
    return outcome.report.refused;
}

}  // namespace vitrine::ctl
