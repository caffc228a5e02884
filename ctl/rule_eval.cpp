#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "ctl/commands.hpp"
#include "sync/wire/rule_json.hpp"

namespace vitrine::ctl {

namespace {

constexpr std::string_view kStandardInput = "-";

std::string name_of(const std::string& file) {
    return file == kStandardInput ? "standard input" : file;
}

/// At most one byte more than `bytes_max`, so that what is too long is seen to be.
Result<std::string> read_all(const std::string& file, std::size_t bytes_max) {
    std::ifstream opened;
    if (file != kStandardInput) opened.open(file, std::ios::binary);
    std::istream& in = file == kStandardInput ? std::cin : opened;
    std::string text(bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || !in.eof()) {
        if (text.size() <= bytes_max) return not_found(name_of(file) + ": cannot be read");
        return exhausted(name_of(file) + ": longer than " + std::to_string(bytes_max) + " bytes");
    }
    return text;
}

/// Says the file's name in the place of the word "rule" or "data".
Error name_file(Error error, const std::string& rule, const std::string& data) {
    for (const auto& [word, file] : {std::pair{"rule: ", rule}, std::pair{"data: ", data}}) {
        if (!error.message.starts_with(word)) continue;
        error.message = name_of(file) + ": " + error.message.substr(std::string_view(word).size());
        break;
    }
    return error;
}

Result<void> eval(const std::string& rule_file, const std::string& data_file) {
    if (rule_file == kStandardInput && data_file == kStandardInput) {
        return invalid("--rule and --data cannot both be standard input");
    }
    const std::string rule = TRY(read_all(rule_file, wire::kRuleBytesMax));
    const std::string data =
        data_file.empty() ? "null" : TRY(read_all(data_file, wire::kRuleDataBytesMax));
    const Result<std::string> value = wire::eval_rule_json(rule, data);
    if (!value) return name_file(value.error(), rule_file, data_file);
    std::cout << *value << std::endl;
    return {};
}

}  // namespace

void add_rule(CLI::App& app, Invocation& invocation) {
    auto* rule = app.add_subcommand("rule", "Rules of campaigns (docs/offers.md).");
    rule->require_subcommand(1);
    auto* command = rule->add_subcommand(
        "eval",
        "Evaluates a JsonLogic rule on a JSON document and prints the result on one line.\n"
        "  echo '{\">\": [{\"var\": \"visits\"}, 3]}' > loyal.json\n"
        "  echo '{\"visits\": 5}' | vitrinectl rule eval --rule loyal.json --data -");
    auto rule_file = std::make_shared<std::string>();
    auto data_file = std::make_shared<std::string>();
    command->add_option("--rule", *rule_file, "The rule, JSON; - for standard input")->required();
    command->add_option("--data", *data_file, "The document; - for standard input; none: null");
    command->callback([rule_file, data_file, &invocation] {
        invocation.run = [rule_file, data_file] { return eval(*rule_file, *data_file); };
    });
}

}  // namespace vitrine::ctl
