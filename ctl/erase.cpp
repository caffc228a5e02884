#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "agent/host/clock.hpp"
#include "ctl/commands.hpp"
#include "ctl/import_run.hpp"
#include "sync/central/merge_store.hpp"

namespace vitrine::ctl {

namespace {

struct Options {
    std::vector<std::string> members;
    CentreAt centre;
};

/// Nobody is erased unless every name can be read.
Result<void> erase(const Options& options) {
    std::vector<MemberId> members;
    for (const std::string& name : options.members) {
        members.push_back(TRY(id_from_text<MemberId>(name).within(name)));
    }
    const auto connection = TRY(open_centre(options.centre));
    central::MergeStore store(*connection);
    const WallTime now = host::SystemClock().wall();
    for (const MemberId member : members) {
        const bool was_enrolled = TRY(store.erase(member, now));
        std::cout << to_text(member)
                  << (was_enrolled ? ": erased\n" : ": was not enrolled; never can be again\n");
    }
    return {};
}

}  // namespace

void add_erase(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "erase",
        "Forgets members for ever (GDPR Art. 17): everything that names them goes: at the "
        "centre at\nonce, in each shop when it next hears from it, in what the broker holds for "
        "shops within a\nday. The pseudonym stays in the list of erased members, so that what a "
        "shop still sends of\nthem is not kept, and cannot be enrolled again. There is no way "
        "back.\n\n"
        "  vitrinectl erase 00000000000000a1");
    auto options = std::make_shared<Options>();
    command->add_option("members", options->members, "Pseudonyms, 16 hexadecimal digits each")
        ->required();
    add_centre_options(*command, options->centre);
    command->callback(
        [options, &invocation] { invocation.run = [options] { return erase(*options); }; });
}

}  // namespace vitrine::ctl
