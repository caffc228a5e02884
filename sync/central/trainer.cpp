#include "sync/central/trainer.hpp"

#include "agent/offers/layout.hpp"
#include "agent/offers/learner.hpp"
#include "sync/bundle/topics.hpp"
#include "sync/central/complements.hpp"
#include "sync/wire/model_binary.hpp"

namespace vitrine::central {

using offers::Statistics;

namespace {

constexpr float kBaseRate = 0.03F;

void subtract(std::vector<std::int64_t>& from, const std::vector<std::int64_t>& what) {
    for (std::size_t i = 0; i < from.size() && i < what.size(); ++i) from[i] -= what[i];
}

/// What `total` has beyond `used`, which it contains.
Statistics beyond(Statistics total, const Statistics& used) {
    total.outcomes -= std::min(total.outcomes, used.outcomes);
    total.positives -= std::min(total.positives, used.positives);
    subtract(total.gradient, used.gradient);
    subtract(total.curvature, used.curvature);
    auto before = used.offsets.begin();
    for (Statistics::PerOffset& each : total.offsets) {
        while (before != used.offsets.end() && before->id < each.id) ++before;
        if (before == used.offsets.end() || before->id != each.id) continue;
        each.gradient -= before->gradient;
        each.curvature -= before->curvature;
    }
    return total;
}

}  // namespace

Result<profiles::Model> Trainer::current() {
    auto select = TRY(connection_.prepare("SELECT value FROM settings WHERE key = 'model'"));
    select.bind();
    if (TRY(select.step())) {
        auto kept = wire::decode_model(select.blob(0));
        if (kept && kept->layout == offers::layout::kVersion) return kept;
    }
    select.reset();
    const profiles::Model model = TRY(first());
    TRY(keep(model));
    return model;
}

Result<profiles::Model> Trainer::first() {
    auto select = TRY(connection_.prepare(
        "SELECT coalesce(max(known.epoch), 0) + 1 FROM (SELECT max(epoch) AS epoch FROM bundles "
        "WHERE kind = ? UNION ALL SELECT max(model) FROM statistics) AS known"));
    TRY(select.bind(static_cast<int>(bundle::Kind::model)).step());
    return offers::prior_model(Epoch(select.bits(0)), kBaseRate);
}

Result<void> Trainer::keep(const profiles::Model& model) {
    const Bytes bytes = TRY(wire::encode_model(model));
    auto upsert = TRY(connection_.prepare(
        "INSERT INTO settings VALUES ('model', ?) ON CONFLICT (key) DO UPDATE SET value = "
        "excluded.value"));
    return upsert.bind(bytes).run();
}

Result<std::optional<Statistics>> Trainer::news(const profiles::Model& model) {
    std::optional<Statistics> sum;
    for (const Epoch epoch : TRY(store_.epochs_with_news())) {
        for (const MergeStore::Learned& learned : TRY(store_.learned(epoch))) {
            Statistics fresh = learned.used ? beyond(learned.total, *learned.used) : learned.total;
            if (fresh.layout != model.layout || fresh.outcomes + fresh.positives == 0) continue;
            fresh.model = model.epoch;
            sum = sum ? TRY(offers::add(*sum, fresh)) : std::move(fresh);
        }
    }
    return sum;
}

Result<void> Trainer::learn_vectors(WallTime now) {
    // Kept in the form of a model without weights, which has one already.
    const profiles::Model learned{.vectors = TRY(learn_complements(connection_, now))};
    const Bytes bytes = TRY(wire::encode_model(learned));
    auto upsert = TRY(connection_.prepare(
        "INSERT INTO settings VALUES ('vectors', ?) ON CONFLICT (key) DO UPDATE SET value = "
        "excluded.value"));
    return upsert.bind(bytes).run();
}

Result<std::vector<profiles::ItemVector>> Trainer::kept_vectors() {
    auto select = TRY(connection_.prepare("SELECT value FROM settings WHERE key = 'vectors'"));
    select.bind();
    if (!TRY(select.step())) return std::vector<profiles::ItemVector>();
    auto kept = wire::decode_model(select.blob(0));
    // What an older program kept is learned again in the night.
    return kept ? std::move(kept->vectors) : std::vector<profiles::ItemVector>();
}

Result<std::optional<profiles::Model>> Trainer::refit(std::uint64_t outcomes_min) {
    const profiles::Model model = TRY(current());
    const auto fresh = TRY(news(model));
    const bool enough = fresh && fresh->outcomes >= outcomes_min;
    auto vectors = TRY(kept_vectors());
    if (!enough && vectors == model.vectors) return std::optional<profiles::Model>();
    profiles::Model next = model;
    next.epoch = model.epoch.next();
    if (enough) next = TRY(offers::refit(model, *fresh, model.epoch.next()));
    next.vectors = std::move(vectors);
    auto transaction = TRY(sql::Transaction::begin(connection_));
    if (enough) {
        for (const Epoch epoch : TRY(store_.epochs_with_news())) TRY(store_.mark_used(epoch));
    }
    TRY(keep(next));
    TRY(transaction.commit());
    return std::optional(std::move(next));
}

}  // namespace vitrine::central
