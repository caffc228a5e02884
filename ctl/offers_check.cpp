#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "ctl/commands.hpp"
#include "sync/wire/catalogue_json.hpp"

namespace vitrine::ctl {

namespace {

Result<void> check(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return not_found(file + ": cannot be read");
    std::string mistakes;
    for (const wire::Problem& problem : wire::check_catalogue(text.str())) {
        if (!mistakes.empty()) mistakes += '\n';
        mistakes +=
            file + ": " + (problem.path.empty() ? "" : problem.path + ": ") + problem.message;
    }
    if (!mistakes.empty()) return invalid(mistakes);
    const auto catalogue = TRY(wire::decode_catalogue(text.str()));
    std::cout << file << ": good. " << catalogue.offers.size() << " offers in "
              << catalogue.categories.size() << " categories.\n";
    return {};
}

}  // namespace

void add_offers(CLI::App& app, Invocation& invocation) {
    auto* offers = app.add_subcommand("offers", "Catalogues of offers.");
    offers->require_subcommand(1);
    auto* command =
        offers->add_subcommand("check", "Names every mistake of a catalogue (docs/catalogue.md).");
    auto file = std::make_shared<std::string>();
    command->add_option("file", *file, "The catalogue, JSON")->required();
    command->callback([file, &invocation] { invocation.run = [file] { return check(*file); }; });
}

}  // namespace vitrine::ctl
