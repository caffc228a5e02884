#pragma once

#include <optional>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/profiles/model.hpp"
#include "sync/central/merge_store.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// Turns what the shops learned, and what members buy together, into the next model. A model is
/// published whole; its epoch counts from 1, which is the prior.
class Trainer {
  public:
    Trainer(sql::Connection& connection, MergeStore& store)
        : connection_(connection), store_(store) {}

    /// The published model; makes the first one where there is none, and begins again from the
    /// prior, with a later epoch, where the kept one is of an older program (its form or its
    /// layout).
    Result<profiles::Model> current();

    /// The next model from everything that came since the last one, kept as the current one in one
    /// transaction; nothing where less than `outcomes_min` outcomes are new. Totals of an older
    /// epoch that came late count too, as what they add to what was used. Fresh vectors are a
    /// reason for a next model of their own: the weights stay, and the outcomes go on counting.
    Result<std::optional<profiles::Model>> refit(std::uint64_t outcomes_min);

    /// Learns again what is bought together (complements.hpp), for the next `refit` to publish.
    Result<void> learn_vectors(WallTime now);

  private:
    Result<std::vector<profiles::ItemVector>> kept_vectors();
    Result<profiles::Model> first();
    Result<void> keep(const profiles::Model& model);
    Result<std::optional<offers::Statistics>> news(const profiles::Model& model);

    sql::Connection& connection_;
    MergeStore& store_;
};

}  // namespace vitrine::central
