#include <set>

#include "agent/base/random.hpp"
#include "agent/offers/learner.hpp"
#include "ctl/offer_judging.hpp"
#include "ctl/offer_replay.hpp"

namespace vitrine::ctl {

namespace {

/// Outcomes with the features that are not zero, to be learned from several times.
class Outcomes {
  public:
    static constexpr std::size_t kMax = 50'000'000;

    bool full() const { return outcomes_.size() == kMax; }
    /// One beyond kMax is left out.
    void add(const offers::Example& example, bool redeemed) {
        if (full()) return;
        Outcome outcome{.offer = example.offer,
                        .category = example.category,
                        .top = example.top,
                        .size = example.size,
                        .redeemed = redeemed,
                        .first = values_.size()};
        for (std::uint16_t i = 0; i < example.size; ++i) {
            if (example.features[i] != 0) values_.push_back({i, example.features[i]});
        }
        outcome.end = values_.size();
        outcomes_.push_back(outcome);
    }

    std::size_t size() const { return outcomes_.size(); }
    bool redeemed(std::size_t i) const { return outcomes_[i].redeemed; }
    offers::Example example(std::size_t i) const {
        const Outcome& outcome = outcomes_[i];
        offers::Example example{.offer = outcome.offer,
                                .category = outcome.category,
                                .top = outcome.top,
                                .size = outcome.size};
        for (std::size_t k = outcome.first; k < outcome.end; ++k) {
            example.features[values_[k].weight] = values_[k].value;
        }
        return example;
    }
    /// In an order that the files' says nothing of.
    void shuffle(Rng& rng) {
        for (std::size_t i = outcomes_.size(); i > 1; --i) {
            std::swap(outcomes_[i - 1], outcomes_[rng.below(i)]);
        }
    }

  private:
    struct Value {
        std::uint16_t weight = 0;
        float value = 0;
    };
    struct Outcome {
        OfferId offer;
        CategoryId category;
        CategoryId top;
        std::uint16_t size = 0;
        bool redeemed = false;
        std::size_t first = 0;  ///< Of its values.
        std::size_t end = 0;
    };
    std::vector<Outcome> outcomes_;
    std::vector<Value> values_;
};

}  // namespace

Result<profiles::Model> train_offers(const OfferHistory& history, std::int32_t until_day,
                                     OfferJudgement& judgement) {
    Outcomes outcomes;
    std::set<std::uint32_t> campaigns;
    // Before there are purchases on record nobody's habits are known: what was shown then would
    // teach that habits say nothing.
    const std::int32_t first_day = history.first_purchase_day() + 1;
    OfferReplay(history).run(first_day, until_day,
                             [&](const Shown& shown, std::span<const Candidate> candidates) {
                                 campaigns.insert(shown.campaign);
                                 ++judgement.trained_exposures;
                                 for (const Candidate& each : candidates) {
                                     const bool redeemed = each.redeemed_day < until_day;
                                     judgement.trained_redeemed += redeemed ? 1 : 0;
                                     outcomes.add(each.example, redeemed);
                                 }
                             });
    if (outcomes.full()) return exhausted("more outcomes before the date than can be held");
    judgement.trained_campaigns = campaigns.size();
    judgement.trained_outcomes = outcomes.size();
    if (judgement.trained_redeemed == 0) {
        return invalid("nothing was redeemed before the date: there is nothing to learn from");
    }
    Rng rng(1);
    outcomes.shuffle(rng);
    const auto rate = static_cast<double>(judgement.trained_redeemed) /
                      static_cast<double>(judgement.trained_outcomes);
    offers::Learner learner;
    TRY(learner.adopt(offers::prior_model(Epoch(1), static_cast<float>(rate))));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        learner.learn_anonymous(outcomes.example(i), outcomes.redeemed(i));
    }
    return learner.model();
}

}  // namespace vitrine::ctl
