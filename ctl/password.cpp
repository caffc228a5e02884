#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>

#include <termios.h>
#include <unistd.h>

#include "agent/base/ids.hpp"
#include "agent/http/passwords.hpp"
#include "ctl/commands.hpp"

namespace vitrine::ctl {

namespace {

/// Reads one line; at a terminal without showing it.
Result<std::string> read_password() {
    termios shown{};
    const bool terminal = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        std::cerr << "Password: ";
        termios hidden = shown;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    std::string password;
    std::getline(std::cin, password);
    if (terminal) {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        std::cerr << '\n';
    }
    if (password.empty()) return invalid("no password was given");
    return password;
}

Result<void> print_hash(const std::string& user) {
    const auto id = TRY(StaffId::parse(user).within("the user's name"));
    const std::string hash = TRY(http::hash_password(TRY(read_password())));
    std::cout << "{\"" << id.view() << "\": \"" << hash << "\"}\n";
    return {};
}

}  // namespace

void add_password(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "password",
        "Reads a password from standard input and prints a users file for it, as the "
        "agent's `staff` and the centre's `--users` take it.");
    auto user = std::make_shared<std::string>();
    command->add_option("user", *user, "Who may log in with it")->required();
    command->callback(
        [user, &invocation] { invocation.run = [user] { return print_hash(*user); }; });
}

}  // namespace vitrine::ctl
