#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/offers/decision.hpp"
#include "agent/profiles/policy.hpp"

namespace vitrine::offers {

/// MurmurHash3_x86_32 (Austin Appleby, public domain): of bytes, the same on every machine.
std::uint32_t murmur3_32(ByteView bytes, std::uint32_t seed);

/// Where a member falls in a whole of `total` parts for one purpose, 0 to total − 1. The member is
/// hashed as the 16 hexadecimal digits of the pseudonym, seeded with the hash of the salt, so that
/// two salts spread the same members independently. Sticky, and the same offline and in any
/// language: it depends on nothing else. `total` is at least 1.
std::uint32_t bucket_of(MemberId member, std::string_view salt, std::uint32_t total);

/// The same with a seed of its own for the salt, so that a layer and an experiment of one name
/// spread members independently.
std::uint32_t bucket_of(MemberId member, std::string_view salt, std::uint32_t total,
                        std::uint32_t salt_seed);

/// Whether the member always sees mass content, to measure uplift. Asked first, and independent of
/// every experiment.
bool in_holdout(MemberId member, std::uint16_t permille);

/// The arm that the experiment's own hash gives a member, counted from 1 in the order of the
/// experiment; 0 where it has no arm with a weight. Layers are not looked at.
std::uint8_t arm_of(MemberId member, const profiles::Experiment& experiment);

/// The arms of one member: of each experiment that the member takes part in, in the order of the
/// policy, at most one of a layer.
struct Assignments {
    std::uint8_t count = 0;
    std::array<Assignment, profiles::Policy::kExperimentsMax> each{};

    std::span<const Assignment> list() const { return std::span(each).first(count); }
    /// From 1; 0 for an experiment that the member takes no part in.
    std::uint8_t arm_in(std::size_t experiment) const;
    friend bool operator==(const Assignments&, const Assignments&) = default;
};

/// A member stands at one of 1,000 places of each layer, by the layer's own hash, and takes part in
/// the experiment whose slice of the layer it is. An experiment without a layer has one to itself.
/// Changing an experiment's weights moves nobody else's members; changing its `permille` moves
/// those of the experiments behind it in its layer. Nothing is exposed yet. Allocates nothing.
Assignments assign(MemberId member, const profiles::Policy& policy);

/// How offers are drawn for a member: as the first of their arms says that says so, else as the
/// policy does.
profiles::Exploration exploration_of(const Assignments& assignments,
                                     const profiles::Policy& policy);

/// Whether any of its arms draws offers in a way of its own: then every arm is exposed whenever
/// offers are drawn.
bool sets_exploration(const profiles::Experiment& experiment);

}  // namespace vitrine::offers
