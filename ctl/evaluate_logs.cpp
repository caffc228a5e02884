#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "ctl/commands.hpp"
#include "ctl/policy_value.hpp"

namespace vitrine::ctl {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLineBytesMax = 64 * 1024;
constexpr std::size_t kChoicesMax = 50'000'000;

constexpr const char* kHelp =
    "FILE has one JSON object a line:\n"
    "  p         probability of what was shown, as it was logged\n"
    "  target    probability of the same under the policy to be judged\n"
    "  reward    what came of it, mostly 0 or 1\n"
    "  estimate, expected   optional, for the doubly robust value: what a reward model expects of\n"
    "            what was shown, and of the judged policy's own choice\n"
    "  unit      optional text: choices of one member or one visit are not independent\n";

Result<double> number_of(const Json& line, const char* key) {
    const auto found = line.find(key);
    if (found == line.end()) return invalid(std::string("`") + key + "` is missing");
    if (!found->is_number()) return invalid(std::string("`") + key + "` is not a number");
    return found->get<double>();
}

Result<std::optional<double>> optional_number(const Json& line, const char* key) {
    if (!line.contains(key)) return std::optional<double>();
    return std::optional<double>(TRY(number_of(line, key)));
}

Result<LoggedChoice> read_choice(const std::string& text, std::size_t number) {
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) return invalid("not a JSON object");
    LoggedChoice choice{.propensity = TRY(number_of(line, "p")),
                        .target = TRY(number_of(line, "target")),
                        .reward = TRY(number_of(line, "reward"))};
    choice.estimate = TRY(optional_number(line, "estimate"));
    choice.expected = TRY(optional_number(line, "expected"));
    choice.unit = number;
    if (const auto unit = line.find("unit"); unit != line.end()) {
        if (!unit->is_string()) return invalid("`unit` is not a text");
        choice.unit = std::hash<std::string>{}(unit->get_ref<const std::string&>());
    }
    return choice;
}

Result<std::vector<LoggedChoice>> read_log(const std::string& file) {
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened) return not_found(file + ": cannot be read");
    }
    std::istream& in = file == "-" ? std::cin : opened;
    std::vector<LoggedChoice> choices;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        const std::string place = file + ":" + std::to_string(number) + ": ";
        if (line.size() > kLineBytesMax) return invalid(place + "the line is too long");
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        if (choices.size() == kChoicesMax)
            return exhausted(place + "more choices than can be held");
        auto choice = read_choice(line, number);
        if (!choice) return invalid(place + choice.error().message);
        choices.push_back(*choice);
    }
    return choices;
}

Json json_of(const Interval& interval) {
    return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

const char* name_of(Verdict verdict) {
    if (verdict == Verdict::none) return "none";
    return verdict == Verdict::better ? "better" : "worse";
}

void print_json(const PolicyValue& value) {
    Json out{{"choices", value.choices},
             {"units", value.units},
             {"ess", value.effective_sample_size},
             {"mean_weight", json_of(value.mean_weight)},
             {"logged", json_of(value.logged)},
             {"ipw", json_of(value.ipw)},
             {"snipw", json_of(value.snipw)},
             {"dr", nullptr},
             {"difference", json_of(value.difference)},
             {"verdict", name_of(value.verdict)},
             {"reason", value.reason}};
    if (value.doubly_robust) out["dr"] = json_of(*value.doubly_robust);
    std::printf("%s\n", out.dump().c_str());
}

void print_table(const PolicyValue& value) {
    const auto row = [](const char* name, const Interval& each) {
        std::printf("%-24s %9.5f   (95 %%: %.5f to %.5f)\n", name, each.value, each.low, each.high);
    };
    std::printf("%zu choices of %zu units, effective sample %.0f\n", value.choices, value.units,
                value.effective_sample_size);
    row("logged policy", value.logged);
    row("judged policy  IPW", value.ipw);
    row("               SNIPW", value.snipw);
    if (value.doubly_robust) row("               doubly robust", *value.doubly_robust);
    row("difference", value.difference);
    row("mean weight", value.mean_weight);
    std::printf("verdict: %s: %s\n", name_of(value.verdict), value.reason.c_str());
}

Result<void> evaluate_logs(const std::string& file, bool json) {
    const std::vector<LoggedChoice> choices = TRY(read_log(file));
    const auto value = policy_value(choices);
    if (!value) return invalid(file + ": " + value.error().message);
    if (json) {
        print_json(*value);
    } else {
        print_table(*value);
    }
    return {};
}

}  // namespace

void add_evaluate_logs(CLI::App& evaluate, Invocation& invocation) {
    CLI::App* command = evaluate.add_subcommand(
        "logs", "What another policy would have earned, from logged choices and probabilities");
    command->footer(kHelp);
    const auto file = std::make_shared<std::string>();
    const auto json = std::make_shared<bool>(false);
    command->add_option("--log", *file, "the log; - for standard input")->required();
    command->add_flag("--json", *json, "one JSON object instead of a table");
    command->callback([file, json, &invocation] {
        invocation.run = [file, json] { return evaluate_logs(*file, *json); };
    });
}

}  // namespace vitrine::ctl
