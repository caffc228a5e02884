#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>

#include "agent/host/clock.hpp"
#include "ctl/commands.hpp"
#include "ctl/import_run.hpp"
#include "sync/central/import_offers.hpp"

namespace vitrine::ctl {

namespace {

struct Options {
    std::string what;
    std::vector<std::string> files;
    CentreAt centre;
    std::string format = "auto";
    bool dry_run = false;
    bool resume = false;
    std::string report;
};

Result<rows::Format> format_from(const std::string& name) {
    if (name == "csv") return rows::Format::csv;
    if (name == "jsonl") return rows::Format::jsonl;
    return rows::Format::automatic;
}

/// "purchases.csv.gz" gives "purchases.refused.csv", beside it.
std::string refused_file_of(std::string file) {
    if (file.ends_with(".gz")) file.resize(file.size() - 3);
    const std::size_t dot = file.rfind('.');
    const std::size_t folder = file.rfind('/');
    const bool has_ending = dot != file.npos && (folder == file.npos || dot > folder);
    return has_ending ? file.substr(0, dot) + ".refused" + file.substr(dot) : file + ".refused";
}

Result<void> import_offers(sql::Connection& connection, const Options& options, WallTime now) {
    if (options.files.size() != 1) {
        return invalid("offers: one file at a time; it replaces all offers");
    }
    const std::string& file = options.files.front();
    const auto report = TRY(central::import_offers(
        connection, file, TRY(format_from(options.format)), now, options.dry_run));
    std::cout << file << ": " << report.taken
              << (options.dry_run ? " offers would be published\n" : " offers to publish\n")
              << findings_table(report);
    if (options.report.empty()) return {};
    std::ofstream out(options.report, std::ios::binary);
    out << central::report_json(report);
    if (!out.flush()) return exhausted(options.report + ": cannot be written");
    return {};
}

Result<void> import_all(const Options& options) {
    if (options.files.size() > 1 && !options.report.empty()) {
        return invalid("--report: with one file at a time");
    }
    const auto connection = TRY(open_centre(options.centre));
    const WallTime now = host::SystemClock().wall();
    if (options.what == "offers") return import_offers(*connection, options, now);
    const auto kind = TRY(central::import_kind_from(options.what));
    std::uint64_t refused = 0;
    for (const std::string& file : options.files) {
        central::ImportSettings settings{.format = TRY(format_from(options.format)),
                                         .dry_run = options.dry_run,
                                         .resume = options.resume,
                                         .refused_file = refused_file_of(file)};
        refused +=
            TRY(import_and_tell(*connection, kind, file, now, std::move(settings), options.report));
    }
    if (refused > 0) {
        return invalid(std::to_string(refused) + " rows were refused; the others are " +
                       (options.dry_run ? "good" : "in"));
    }
    return {};
}

}  // namespace

void add_import(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "import",
        "Takes files of members, purchases, products, visits or offers into the centre "
        "(docs/imports.md):\nCSV or JSON lines, also packed by gzip. Every row that is refused is "
        "named with its line and\nput into FILE.refused.csv to be mended; the others are taken.\n\n"
        "  vitrinectl import purchases 2026-11.csv.gz\n"
        "  vitrinectl import purchases 2026-11.csv.gz --resume    after it was stopped\n"
        "  vitrinectl import members members.csv --dry-run --report quality.json");
    auto options = std::make_shared<Options>();
    command->add_option("what", options->what, "What the rows are")
        ->required()
        ->check(CLI::IsMember({"members", "purchases", "products", "visits", "audit", "offers"}));
    command->add_option("files", options->files, "The files")->required();
    add_centre_options(*command, options->centre);
    command->add_option("--format", options->format, "By the file's name, if it does not say")
        ->check(CLI::IsMember({"auto", "csv", "jsonl"}))
        ->capture_default_str();
    command->add_flag("--dry-run", options->dry_run, "Looks at everything and writes nothing");
    command->add_flag("--resume", options->resume, "Goes on where the same file stopped");
    command->add_option("--report", options->report, "A file for the report, JSON");
    command->callback(
        [options, &invocation] { invocation.run = [options] { return import_all(*options); }; });
}

}  // namespace vitrine::ctl
