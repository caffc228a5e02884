#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "ctl/commands.hpp"
#include "ctl/offer_judging.hpp"

namespace vitrine::ctl {

namespace {

using Json = nlohmann::json;

constexpr const char* kHelp =
    "Files are CSV with a header, plain or gzip. Columns (The Complete Journey's names will do "
    "too):\n"
    "  products     product_id, department, category[, type]\n"
    "  purchases    member_id, product_id, bought_at, amount[, quantity]\n"
    "  offers       offer_id, product_id, campaign_id: one row for each product an offer covers\n"
    "  exposures    campaign_id, member_id[, offer_id][, shown_at]\n"
    "  redemptions  member_id, offer_id, campaign_id, redeemed_at\n"
    "  campaigns    campaign_id, start_date: needed where exposures have no shown_at\n"
    "docs/evaluate-offers.md says how it is measured.";

struct Options {
    OfferFiles files;
    std::string train_until;
    bool json = false;
};

void tell_left_out(const OfferHistory& history) {
    for (const LeftOut& each : history.left_out) {
        for (const std::string& named : each.named) std::fprintf(stderr, "%s\n", named.c_str());
        if (each.bad > each.named.size()) {
            std::fprintf(stderr, "%s: and %zu more\n", each.file.c_str(),
                         each.bad - each.named.size());
        }
    }
}

Json json_of(const Measured& measured) {
    const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
    return {{"value", number(measured.value)},
            {"low", number(measured.low)},
            {"high", number(measured.high)}};
}

Json json_of(const RankerResult& result) {
    return {{"hit_at_3", json_of(result.hit_at_3)},
            {"mrr", json_of(result.mrr)},
            {"recall_at_10", json_of(result.recall_at_10)},
            {"ndcg_at_10", json_of(result.ndcg_at_10)},
            {"auc", json_of(result.auc)},
            {"average_precision", json_of(result.average_precision)}};
}

Json json_of(const LeftOut& left_out) {
    return {{"file", left_out.file},       {"rows", left_out.rows},
            {"bad", left_out.bad},         {"repeated", left_out.repeated},
            {"reasons", left_out.reasons}, {"named", left_out.named}};
}

void print_json(const Options& options, const OfferHistory& history,
                const OfferJudgement& judgement) {
    Json out{{"train_until", options.train_until},
             {"trained",
              {{"campaigns", judgement.trained_campaigns},
               {"exposures", judgement.trained_exposures},
               {"outcomes", judgement.trained_outcomes},
               {"redeemed", judgement.trained_redeemed}}},
             {"judged",
              {{"campaigns", judgement.judged_campaigns},
               {"exposures", judgement.judged_exposures},
               {"members", judgement.judged_members},
               {"groups", judgement.groups}}},
             {"files", Json::array()}};
    for (const Ranker ranker : kRankers) {
        out[std::string(name_of(ranker))] = json_of(judgement.of(ranker));
    }
    for (const LeftOut& each : history.left_out) out["files"].push_back(json_of(each));
    std::printf("%s\n", out.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

void print_left_out(const OfferHistory& history) {
    for (const LeftOut& each : history.left_out) {
        std::printf("%s: %zu rows, %zu bad, %zu repeated\n", each.file.c_str(), each.rows, each.bad,
                    each.repeated);
        for (const auto& [reason, count] : each.reasons) {
            std::printf("    %zu: %s\n", count, reason.c_str());
        }
    }
}

void print_table(const Options& options, const OfferHistory& history,
                 const OfferJudgement& judgement) {
    print_left_out(history);
    std::printf(
        "\nlearned before %s from %zu campaigns, %zu exposures, %zu outcomes, %zu redeemed\n",
        options.train_until.c_str(), judgement.trained_campaigns, judgement.trained_exposures,
        judgement.trained_outcomes, judgement.trained_redeemed);
    std::printf(
        "judged from then on: %zu campaigns, %zu exposures of %zu members, %zu with a "
        "redemption\n",
        judgement.judged_campaigns, judgement.judged_exposures, judgement.judged_members,
        judgement.groups);
    const auto row = [](const char* name, const Measured& each) {
        std::printf("    %-18s %.3f   (95 %%: %.3f to %.3f)\n", name, each.value, each.low,
                    each.high);
    };
    for (const Ranker ranker : kRankers) {
        const RankerResult& result = judgement.of(ranker);
        std::printf("\n%s\n", std::string(name_of(ranker)).c_str());
        row("hit@3", result.hit_at_3);
        row("MRR", result.mrr);
        row("recall@10", result.recall_at_10);
        row("NDCG@10", result.ndcg_at_10);
        row("AUC", result.auc);
        row("average precision", result.average_precision);
    }
}

Result<void> evaluate(const Options& options) {
    const std::int32_t until_day = TRY(parse_day(options.train_until).within("--train-until"));
    const OfferHistory history = TRY(read_offer_history(options.files));
    tell_left_out(history);
    const OfferJudgement judgement = TRY(judge_offers(history, until_day));
    if (options.json) {
        print_json(options, history, judgement);
    } else {
        print_table(options, history, judgement);
    }
    return {};
}

}  // namespace

void add_evaluate_offers(CLI::App& evaluate_command, Invocation& invocation) {
    CLI::App* command = evaluate_command.add_subcommand(
        "offers", "How well the engine ranks offers that people really took up");
    command->footer(kHelp);
    const auto options = std::make_shared<Options>();
    OfferFiles& files = options->files;
    command->add_option("--products", files.products, "what the shop sells")->required();
    command->add_option("--purchases", files.purchases, "who bought what")->required();
    command->add_option("--offers", files.offers, "what each offer covers")->required();
    command->add_option("--exposures", files.exposures, "who was shown which campaign")->required();
    command->add_option("--redemptions", files.redemptions, "who took up what")->required();
    command->add_option("--campaigns", files.campaigns, "when each campaign started");
    command
        ->add_option("--train-until", options->train_until, "learn before this date, judge after")
        ->required();
    command->add_flag("--json", options->json, "one JSON object instead of a table");
    command->callback(
        [options, &invocation] { invocation.run = [options] { return evaluate(*options); }; });
}

}  // namespace vitrine::ctl
