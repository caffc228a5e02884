#include "agent/offers/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "agent/offers/logistic.hpp"
#include "agent/offers/packing.hpp"
#include "agent/offers/symmetric.hpp"

namespace vitrine::offers {

using profiles::OffsetId;

namespace {

constexpr std::uint8_t kVersion = 2;

std::int64_t fixed(double value) { return std::llround(value * kFixedPoint); }

/// Two's complement wraps instead of overflowing: hostile sums stay defined, and addition stays
/// associative.
std::int64_t plus(std::int64_t one, std::int64_t other) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(one) +
                                     static_cast<std::uint64_t>(other));
}

Statistics::PerOffset& place_for(Statistics& statistics, OffsetId id) {
    auto place = std::lower_bound(
        statistics.offsets.begin(), statistics.offsets.end(), id,
        [](const Statistics::PerOffset& each, OffsetId wanted) { return each.id < wanted; });
    if (place == statistics.offsets.end() || place->id != id) {
        place = statistics.offsets.insert(place, {.id = id});
    }
    return *place;
}

/// Each lies within the next one. Of an offer that moved to another category any choice will do
/// that does not depend on order.
void lies_within(Statistics::PerOffset& each, std::span<const OffsetId> offsets, std::size_t i) {
    if (i + 1 < offsets.size()) each.within = std::max(each.within, offsets[i + 1]);
}

}  // namespace

Statistics empty_statistics(const profiles::Model& published, std::size_t weights) {
    Statistics statistics{.model = published.epoch, .layout = published.layout};
    statistics.gradient.resize(weights);
    statistics.curvature.resize(packed_size(weights));
    return statistics;
}

void add_outcome(Statistics& statistics, const Sparse& x, std::span<const OffsetId> offsets,
                 double log_odds, bool positive) {
    const double rate = logistic_exactly(log_odds);
    const double error = (positive ? 1.0 : 0.0) - rate;
    const double curvature = rate * (1 - rate);
    ++statistics.outcomes;
    statistics.positives += positive ? 1 : 0;
    for (std::uint16_t i = 0; i < x.size; ++i) {
        std::int64_t& gradient = statistics.gradient[x.index[i]];
        gradient = plus(gradient, fixed(error * x.value[i]));
        std::int64_t* const row = &statistics.curvature[packed_at(x.index[i], 0)];
        const double scaled = curvature * x.value[i];
        for (std::uint16_t k = 0; k <= i; ++k) {
            row[x.index[k]] = plus(row[x.index[k]], fixed(scaled * x.value[k]));
        }
    }
    if (statistics.offsets.size() + offsets.size() > Posterior::kOffsetsMax) return;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        Statistics::PerOffset& each = place_for(statistics, offsets[i]);
        lies_within(each, offsets, i);
        each.gradient = plus(each.gradient, fixed(error));
        each.curvature = plus(each.curvature, fixed(curvature));
    }
}

void add_correction(Statistics& statistics, const Sparse& x, std::span<const OffsetId> offsets) {
    ++statistics.positives;
    for (std::uint16_t i = 0; i < x.size; ++i) {
        std::int64_t& gradient = statistics.gradient[x.index[i]];
        gradient = plus(gradient, fixed(x.value[i]));
    }
    if (statistics.offsets.size() + offsets.size() > Posterior::kOffsetsMax) return;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        Statistics::PerOffset& each = place_for(statistics, offsets[i]);
        lies_within(each, offsets, i);
        each.gradient = plus(each.gradient, fixed(1));
    }
}

Result<void> check_statistics(const Statistics& statistics, std::size_t weights) {
    if (statistics.gradient.size() != weights ||
        statistics.curvature.size() != packed_size(weights)) {
        return invalid("the statistics have another number of weights than the model");
    }
    for (std::size_t i = 1; i < statistics.offsets.size(); ++i) {
        if (!(statistics.offsets[i - 1].id < statistics.offsets[i].id)) {
            return invalid("the statistics' offsets are not in order");
        }
    }
    return {};
}

Result<Statistics> add(const Statistics& one, const Statistics& other) {
    if (one.model != other.model || one.layout != other.layout ||
        one.gradient.size() != other.gradient.size() ||
        one.curvature.size() != other.curvature.size()) {
        return conflict("statistics of different models cannot be added");
    }
    Statistics sum = one;
    sum.outcomes += other.outcomes;
    sum.positives += other.positives;
    std::transform(sum.gradient.begin(), sum.gradient.end(), other.gradient.begin(),
                   sum.gradient.begin(), plus);
    std::transform(sum.curvature.begin(), sum.curvature.end(), other.curvature.begin(),
                   sum.curvature.begin(), plus);
    for (const Statistics::PerOffset& theirs : other.offsets) {
        Statistics::PerOffset& each = place_for(sum, theirs.id);
        each.within = std::max(each.within, theirs.within);
        each.gradient = plus(each.gradient, theirs.gradient);
        each.curvature = plus(each.curvature, theirs.curvature);
    }
    return sum;
}

Bytes encode_statistics(const Statistics& statistics) {
    Packer packer(kVersion);
    packer.number(statistics.model.value());
    packer.number(statistics.layout);
    packer.number(statistics.outcomes);
    packer.number(statistics.positives);
    packer.number(statistics.gradient.size());
    for (const std::int64_t sum : statistics.gradient) packer.signed_number(sum);
    for (const std::int64_t sum : statistics.curvature) packer.signed_number(sum);
    packer.number(statistics.offsets.size());
    for (const Statistics::PerOffset& each : statistics.offsets) {
        packer.number(each.id.value());
        packer.number(each.within.value());
        packer.signed_number(each.gradient);
        packer.signed_number(each.curvature);
    }
    return std::move(packer).finish();
}

Result<Statistics> decode_statistics(ByteView bytes) {
    Unpacker unpacker(bytes, kVersion);
    Statistics statistics;
    statistics.model = Epoch(unpacker.number());
    statistics.layout = static_cast<std::uint32_t>(unpacker.number(0xffffffffU));
    statistics.outcomes = unpacker.number();
    statistics.positives = unpacker.number();
    const std::uint64_t weights = unpacker.number(Example::kWeightsMax);
    statistics.gradient.resize(weights);
    statistics.curvature.resize(packed_size(weights));
    for (std::int64_t& sum : statistics.gradient) sum = unpacker.signed_number();
    for (std::int64_t& sum : statistics.curvature) sum = unpacker.signed_number();
    const std::uint64_t offers = unpacker.number(Posterior::kOffsetsMax);
    for (std::uint64_t i = 0; i < offers && unpacker.good(); ++i) {
        Statistics::PerOffset each;
        each.id = OffsetId(unpacker.number(profiles::kLastOffsetId.value()));
        each.within = OffsetId(unpacker.number(profiles::kLastOffsetId.value()));
        each.gradient = unpacker.signed_number();
        each.curvature = unpacker.signed_number();
        statistics.offsets.push_back(each);
    }
    if (!unpacker.complete() || !check_statistics(statistics, weights)) {
        return corrupt("the learner's statistics do not read back");
    }
    return statistics;
}

}  // namespace vitrine::offers
