#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "agent/host/clock.hpp"
#include "ctl/commands.hpp"
#include "ctl/import_run.hpp"
#include "sync/central/enrolment.hpp"

namespace vitrine::ctl {

namespace {

struct Options {
    CentreAt centre;
    std::vector<std::string> stores;
    std::string catalogue;
    std::string policy;
    std::string members;
    std::string purchases;
    std::string visits;
    std::string audit;
};

Result<std::string> content_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return not_found(file + ": cannot be read");
    return text.str();
}

/// Puts the file's name before each line of the problems.
template <class Put>
Result<void> put_document(sql::Connection& connection, const std::string& file, Put put) {
    const std::string text = TRY(content_of(file));
    auto done = put(connection, text);
    if (!done) {
        std::istringstream problems(done.error().message);
        std::string all;
        for (std::string line; std::getline(problems, line);)
            all += (all.empty() ? "" : "\n") + file + ": " + line;
        return invalid(all);
    }
    std::cout << file << ": taken\n";
    return {};
}

Result<void> enrol(const Options& options) {
    const auto opened = TRY(open_centre(options.centre));
    sql::Connection& connection = *opened;
    for (const std::string& store : options.stores) {
        TRY(central::add_shop(connection, TRY(StoreId::parse(store).within("--store"))));
    }
    if (!options.catalogue.empty())
        TRY(put_document(connection, options.catalogue, central::put_catalogue));
    if (!options.policy.empty()) TRY(put_document(connection, options.policy, central::put_policy));
    const WallTime now = host::SystemClock().wall();
    std::uint64_t refused = 0;
    using central::ImportKind;
    const std::pair<ImportKind, const std::string*> files[] = {
        {ImportKind::members, &options.members},
        {ImportKind::purchases, &options.purchases},
        {ImportKind::visits, &options.visits},
        {ImportKind::audit, &options.audit}};
    for (const auto& [kind, file] : files) {
        if (file->empty()) continue;
        refused += TRY(import_and_tell(connection, kind, *file, now, {}, ""));
    }
    if (refused > 0)
        return invalid(std::to_string(refused) + " rows were refused; the others are in");
    return {};
}

}  // namespace

void add_enrol(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "enrol",
        "Gives the centre its shops, catalogue, policy, members and purchases "
        "(docs/enrolment.md).\n"
        "Each row that is refused is named with its line; the others are taken.");
    auto options = std::make_shared<Options>();
    add_centre_options(*command, options->centre);
    command->add_option("--store", options->stores,
                        "A shop to publish for; may be given several times");
    command->add_option("--catalogue", options->catalogue, "Offers and categories, JSON");
    command->add_option("--policy", options->policy, "How shops are to behave, JSON");
    command->add_option("--members", options->members, "Members, CSV or JSON lines");
    command->add_option("--purchases", options->purchases, "Purchases, CSV or JSON lines");
    command->add_option("--visits", options->visits,
                        "Visits in other channels and baskets left behind, CSV or JSON lines");
    command->add_option("--audit", options->audit,
                        "What members said of themselves for the fairness audit, one JSON object a "
                        "line (docs/fairness.md)");
    command->callback(
        [options, &invocation] { invocation.run = [options] { return enrol(*options); }; });
}

}  // namespace vitrine::ctl
