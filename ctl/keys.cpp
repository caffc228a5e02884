#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>

#include "ctl/commands.hpp"
#include "sync/bundle/key_ring.hpp"

namespace vitrine::ctl {

namespace {

using bundle::KeyRing;

void print(const char* what, const std::optional<bundle::PublicKey>& key) {
    std::cout << what << (key ? to_hex(*key) : "none") << '\n';
}

Result<void> show(const KeyRing& ring) {
    const KeyRing::Keys keys = TRY(ring.look());
    print("in use  ", keys.current);
    print("next    ", keys.next);
    print("last    ", keys.last);
    return {};
}

/// What a shop's configuration has to say while two keys are good.
void print_line(const KeyRing::Keys& keys) {
    std::cout << "verify_key = [";
    const char* before = "";
    for (const auto& key : {keys.last, keys.current, keys.next}) {
        if (!key) continue;
        std::cout << before << '"' << to_hex(*key) << '"';
        before = ", ";
    }
    std::cout << "]\n";
}

Result<void> make_next(const KeyRing& ring) {
    TRY(ring.make_next());
    std::cout << "The next key is made. Under [centre] in every shop's agent.toml, and restart the "
                 "agents:\n\n";
    print_line(TRY(ring.look()));
    std::cout << "\nWhen every shop has it: vitrinectl keys rotate\n";
    return {};
}

Result<void> rotate(const KeyRing& ring) {
    TRY(ring.rotate());
    std::cout << "The next key is in use from the next start of vitrine-central on; restart it "
                 "now. It signs what is published anew, and epochs go on.\nWhen shops have taken "
                 "that over, leave the last key out of their configuration, and then: vitrinectl "
                 "keys retire\n";
    return show(ring);
}

Result<void> retire(const KeyRing& ring) {
    TRY(ring.retire());
    std::cout << "The last key is destroyed.\n";
    return show(ring);
}

}  // namespace

void add_keys(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "keys",
        "The keys that the centre signs bundles with, and how to change them (docs/keys.md).");
    command->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, Result<void> (*step)(const KeyRing&)) {
        auto* sub = command->add_subcommand(name, help);
        auto state = std::make_shared<std::string>("/var/lib/vitrine-central");
        sub->add_option("--state", *state, "The centre's folder")->capture_default_str();
        sub->callback([state, step, &invocation] {
            invocation.run = [state, step] { return step(KeyRing(*state)); };
        });
    };
    add("show", "Shows the public keys.", &show);
    add("next", "Makes the next key, for shops to trust before it is used.", &make_next);
    add("rotate", "Puts the next key into use.", &rotate);
    add("retire", "Destroys the last key.", &retire);
}

}  // namespace vitrine::ctl
