#pragma once

#include <memory>
#include <optional>
#include <span>

#include "agent/base/random.hpp"
#include "agent/consent/gate.hpp"
#include "agent/offers/budgets.hpp"
#include "agent/offers/context.hpp"
#include "agent/offers/decision.hpp"
#include "agent/offers/exposures.hpp"
#include "agent/offers/learner.hpp"

namespace vitrine::offers {

/// Step 5 of the flow: from who is there to what is shown. Works on a snapshot that `prepare` laid
/// out for scoring; a decision then allocates nothing. Owned by the engine.
class Chooser {
  public:
    Chooser();
    ~Chooser();

    /// Lays the snapshot out. Call again whenever a part of it was replaced, before anything else
    /// is asked; snapshot and learner must outlive the next call. What the learner learns in
    /// between counts from the next decision on.
    void prepare(const profiles::Snapshot& snapshot, const Learner& learner);

    /// What is there to give: after `prepare`, and whenever stock or budgets changed since. Until
    /// then no budget is spent.
    void supply(const profiles::Stock& stock, const Budgets& budgets);

    /// For one member. Reads the profile with the permission; the level, holdout and caps of that
    /// member apply. Falls back to the mass path, and says so in `path`, where nothing personal is
    /// left to use: no profile, level none, holdout, quiet time, the day's cap, or no offer left.
    /// `context_allowed` is whether the member permits weather, time and place to be used; without,
    /// no score and no rule sees them.
    Decision personal(const consent::Permitted<consent::Purpose::personalise>& permitted,
                      bool context_allowed, const Context& context, const Exposures& exposures,
                      DecisionId id, Rng& rng) const;

    /// For several people or an unsure audience: nothing sensitive, nothing that needs an age, no
    /// profile.
    Decision group(const Context& context, DecisionId id, Rng& rng) const;

    /// The ambient loop: what everyone sees, up to the policy's ambient_size.
    Decision mass(const Context& context, DecisionId id, Rng& rng) const;

    /// Fills in the probabilities of the decision that was made last, and before `example` was
    /// asked for anything: those of a Thompson draw are 0 until they are estimated, by some
    /// hundred draws, which a screen need not wait for. Others stay as they are. The same
    /// decision gets the same estimate, and no later choice depends on it.
    void estimate(Decision& decision) const;

    /// What the model sees in one offer at this moment, to learn from once the outcome is known.
    /// Without a permission, only what is not about a person: pass one only where the decision's
    /// path is personal, and the exposures as they were when it was made. Empty (size 0) for an
    /// offer that is not in the catalogue.
    Example example(
        const std::optional<consent::Permitted<consent::Purpose::personalise>>& permitted,
        bool context_allowed, const Context& context, OfferId offer,
        const Exposures* exposures = nullptr) const;

  private:
    struct Prepared;
    std::unique_ptr<Prepared> prepared_;
};

}  // namespace vitrine::offers
