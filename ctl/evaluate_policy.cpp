#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctl/bandit.hpp"
#include "ctl/commands.hpp"

namespace vitrine::ctl {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLineBytesMax = 16U << 20;

constexpr const char* kHelp =
    "Once:         {\"offers\":[{\"id\":1,\"features\":[0.2,1]}, …]}\n"
    "Then, often:  {\"context\":[0.5,0]}\n"
    "  it answers  {\"slate\":[{\"offer\":1,\"p\":0.83}]}   p: of this slot, given those before\n"
    "              {\"reward\":1}                        of the first slot; or one a slot:\n"
    "              {\"rewards\":[0,1,0]}\n"
    "A context without a reward after it teaches nothing. Docs: docs/offers.md.\n";

struct Options {
    bool stdio = false;
    std::string arm = "igw";
    Bandit::Settings settings;
};

Result<std::vector<double>> numbers_of(const Json& line, const char* key) {
    const auto found = line.find(key);
    if (found == line.end() || !found->is_array()) {
        return invalid(std::string("`") + key + "` is not a list of numbers");
    }
    std::vector<double> numbers;
    numbers.reserve(found->size());
    for (const Json& each : *found) {
        if (!each.is_number()) {
            return invalid(std::string("`") + key + "[" + std::to_string(numbers.size()) +
                           "]` is not a number");
        }
        numbers.push_back(each.get<double>());
    }
    return numbers;
}

Result<bool> reward_of(const Json& value, const std::string& key) {
    if (value.is_boolean()) return value.get<bool>();
    if (value == 0 || value == 1) return value == 1;
    return invalid("`" + key + "` is 0 or 1");
}

/// One conversation with a world.
class Conversation {
  public:
    explicit Conversation(const Bandit::Settings& settings) : settings_(settings) {}

    /// What to answer; an empty text for nothing.
    Result<std::string> hear(const std::string& text) {
        const Json line = Json::parse(text, nullptr, false);
        if (!line.is_object()) return invalid("not a JSON object");
        if (line.contains("offers")) return take_offers(line);
        if (ids_.empty()) return invalid("`offers` comes first");
        if (line.contains("context")) return choose(line);
        if (line.contains("reward") || line.contains("rewards")) return learn(line);
        return invalid("neither `offers`, `context`, `reward` nor `rewards`");
    }

  private:
    Result<std::string> take_offers(const Json& line) {
        if (!ids_.empty()) return invalid("`offers` comes once");
        const Json& offers = line["offers"];
        if (offers.size() > Bandit::kOffersMax) {
            return exhausted("`offers` has more than " + std::to_string(Bandit::kOffersMax));
        }
        if (!offers.is_array() || offers.empty())
            return invalid("`offers` is not a list of offers");
        for (std::size_t i = 0; i < offers.size(); ++i) {
            const Json& each = offers[i];
            const std::string place = "`offers[" + std::to_string(i) + "]`: ";
            if (!each.is_object() || !each.contains("id")) return invalid(place + "has no `id`");
            if (std::ranges::find(ids_, each["id"]) != ids_.end()) {
                return invalid(place + "its `id` is another one's already");
            }
            auto numbers = numbers_of(each, "features");
            if (!numbers) return invalid(place + numbers.error().message);
            ids_.push_back(each["id"]);
            features_.push_back(std::move(*numbers));
        }
        return std::string();
    }

    Result<std::string> choose(const Json& line) {
        const std::vector<double> context = TRY(numbers_of(line, "context"));
        if (!bandit_) bandit_ = TRY(Bandit::open(features_, context.size(), settings_));
        const std::vector<Bandit::Choice> choices = TRY(bandit_->choose(context));
        Json slate = Json::array();
        for (const Bandit::Choice& each : choices) {
            slate.push_back({{"offer", ids_[each.offer]}, {"p", each.probability}});
        }
        waiting_ = true;
        return Json{{"slate", std::move(slate)}}.dump();
    }

    Result<std::string> learn(const Json& line) {
        if (!std::exchange(waiting_, false)) return invalid("a reward for no slate");
        std::array<bool, Bandit::kSlotsMax> rewards{};
        std::size_t count = 0;
        if (line.contains("reward")) {
            rewards[count++] = TRY(reward_of(line["reward"], "reward"));
        } else {
            const Json& list = line["rewards"];
            if (!list.is_array() || list.size() > settings_.slots) {
                return invalid("`rewards` is not a list with one for each slot");
            }
            for (const Json& each : list) rewards[count++] = TRY(reward_of(each, "rewards"));
        }
        bandit_->learn(std::span<const bool>(rewards).first(count));
        return std::string();
    }

    Bandit::Settings settings_;
    std::vector<Json> ids_;
    std::vector<std::vector<double>> features_;
    std::optional<Bandit> bandit_;
    bool waiting_ = false;
};

Result<void> evaluate_policy(const Options& options) {
    Bandit::Settings settings = options.settings;
    settings.arm = options.arm == "igw" ? Bandit::Arm::inverse_gap : Bandit::Arm::thompson;
    Conversation conversation(settings);
    std::string line;
    for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
        const std::string place = "standard input:" + std::to_string(number) + ": ";
        if (line.size() > kLineBytesMax) return invalid(place + "the line is too long");
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const auto answer = conversation.hear(line);
        if (!answer) return invalid(place + answer.error().message);
        if (!answer->empty()) std::cout << *answer << std::endl;
    }
    return {};
}

}  // namespace

void add_evaluate_policy(CLI::App& evaluate, Invocation& invocation) {
    CLI::App* command = evaluate.add_subcommand(
        "policy", "The engine's choosing and learning in a world of your own, line by line");
    command->footer(kHelp);
    const auto options = std::make_shared<Options>();
    Bandit::Settings& settings = options->settings;
    command->add_flag("--stdio", options->stdio, "talk over standard input and output")->required();
    command->add_option("--arm", options->arm, "igw: inverse-gap weighting; thompson")
        ->check(CLI::IsMember({"igw", "thompson"}))
        ->capture_default_str();
    command->add_option("--slots", settings.slots, "offers a slate")
        ->check(CLI::Range(std::size_t{1}, Bandit::kSlotsMax))
        ->capture_default_str();
    command->add_option("--base-rate", settings.base_rate, "of rewards, as believed at first")
        ->check(CLI::Range(0.0001, 0.9999))
        ->capture_default_str();
    command->add_option("--gamma", settings.exploration.sharpness, "how sharply igw prefers")
        ->check(CLI::Range(0.0F, 10000.0F))
        ->capture_default_str();
    command->add_option("--floor", settings.exploration.floor, "the part that is spread evenly")
        ->check(CLI::Range(0.0F, 1.0F))
        ->capture_default_str();
    command->add_option("--seed", settings.seed, "of chance")->capture_default_str();
    command->callback([options, &invocation] {
        invocation.run = [options] { return evaluate_policy(*options); };
    });
}

}  // namespace vitrine::ctl
