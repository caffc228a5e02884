#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "ctl/commands.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/policy_json.hpp"

namespace vitrine::ctl {

namespace {

Result<std::string> read_text(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return not_found(file + ": cannot be read");
    return std::move(text).str();
}

/// One mistake a line, as editors and build tools read them.
Result<void> refuse(const std::string& file, const std::vector<wire::Problem>& problems) {
    if (problems.empty()) return {};
    const bool all = problems.size() < wire::kProblemsMax;
    std::string mistakes = file + ": " + std::to_string(problems.size()) +
                           (problems.size() == 1 ? " mistake" : " mistakes") +
                           (all ? "" : " and maybe more");
    for (const wire::Problem& problem : problems) mistakes += "\n" + wire::line_of(problem, file);
    return invalid(mistakes);
}

/// `policy` may be empty.
Result<void> check(const std::string& file, const std::string& policy) {
    const std::string text = TRY(read_text(file));
    if (policy.empty()) {
        TRY(refuse(file, wire::check_catalogue(text)));
    } else {
        const std::string rules = TRY(read_text(policy));
        TRY(refuse(policy, wire::check_policy(rules)));
        TRY(refuse(file, wire::check_catalogue(text, TRY(wire::decode_policy(rules)))));
    }
    const auto catalogue = TRY(wire::decode_catalogue(text));
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
    auto policy = std::make_shared<std::string>();
    command->add_option("--policy", *policy,
                        "The policy, JSON: checked too, and the experiments that offers name");
    command->callback([file, policy, &invocation] {
        invocation.run = [file, policy] { return check(*file, *policy); };
    });
}

}  // namespace vitrine::ctl
