#include "agent/offers/experiments.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace vitrine::offers {

namespace {

constexpr std::uint32_t kFirst = 0xcc9e2d51U;
constexpr std::uint32_t kSecond = 0x1b873593U;
constexpr std::string_view kHoldoutSalt = "vitrine/holdout";
/// Seeds of the salts of layers, and of experiments that have a layer to themselves.
constexpr std::uint32_t kLayerSeed = 0x6c617965;  // "laye"
constexpr std::uint32_t kAloneSeed = 0x616c6f6e;  // "alon"
constexpr std::uint32_t kLayerPlaces = 1000;

std::uint32_t scramble(std::uint32_t block) { return std::rotl(block * kFirst, 15) * kSecond; }

std::uint32_t little_endian(ByteView bytes) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        word |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
    }
    return word;
}

}  // namespace

std::uint32_t murmur3_32(ByteView bytes, std::uint32_t seed) {
    std::uint32_t hash = seed;
    ByteView rest = bytes;
    for (; rest.size() >= 4; rest = rest.subspan(4)) {
        hash ^= scramble(little_endian(rest.first(4)));
        hash = std::rotl(hash, 13) * 5 + 0xe6546b64U;
    }
    hash ^= scramble(little_endian(rest));
    hash ^= static_cast<std::uint32_t>(bytes.size());
    hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
    return hash ^ (hash >> 16);
}

std::uint32_t bucket_of(MemberId member, std::string_view salt, std::uint32_t total) {
    return bucket_of(member, salt, total, 0);
}

std::uint32_t bucket_of(MemberId member, std::string_view salt, std::uint32_t total,
                        std::uint32_t salt_seed) {
    std::array<std::uint8_t, 16> digits{};
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto nibble = (member.value() >> (60 - 4 * i)) & 0xf;
        digits[i] = static_cast<std::uint8_t>("0123456789abcdef"[nibble]);
    }
    const std::uint32_t hash = murmur3_32(digits, murmur3_32(view_of(salt), salt_seed));
    return static_cast<std::uint32_t>((std::uint64_t{hash} * total) >> 32);
}

bool in_holdout(MemberId member, std::uint16_t permille) {
    return bucket_of(member, kHoldoutSalt, 1000) < permille;
}

std::uint8_t arm_of(MemberId member, const profiles::Experiment& experiment) {
    const std::size_t arms =
        std::min<std::size_t>({experiment.arms.size(), experiment.weights.size(), 255});
    std::uint32_t whole = 0;
    for (std::size_t i = 0; i < arms; ++i) whole += experiment.weights[i];
    if (whole == 0) return 0;
    std::uint32_t bucket = bucket_of(member, experiment.id, whole);
    for (std::size_t i = 0; i < arms; ++i) {
        if (bucket < experiment.weights[i]) return static_cast<std::uint8_t>(i + 1);
        bucket -= experiment.weights[i];
    }
    return 0;
}

namespace {

/// Whether the member's place in its layer falls into the slice of that experiment.
bool takes_part(MemberId member, const profiles::Policy& policy, std::size_t index) {
    const profiles::Experiment& experiment = policy.experiments[index];
    if (experiment.layer.empty()) {
        return bucket_of(member, experiment.id, kLayerPlaces, kAloneSeed) < experiment.permille;
    }
    std::uint32_t begin = 0;
    for (std::size_t i = 0; i < index; ++i) {
        if (policy.experiments[i].layer == experiment.layer)
            begin += policy.experiments[i].permille;
    }
    const std::uint32_t place = bucket_of(member, experiment.layer, kLayerPlaces, kLayerSeed);
    return place >= begin && place < begin + experiment.permille;
}

}  // namespace

std::uint8_t Assignments::arm_in(std::size_t experiment) const {
    for (const Assignment& assignment : list()) {
        if (assignment.experiment == experiment) return assignment.arm;
    }
    return 0;
}

Assignments assign(MemberId member, const profiles::Policy& policy) {
    Assignments assignments;
    const std::size_t size = std::min(policy.experiments.size(), assignments.each.size());
    for (std::size_t i = 0; i < size; ++i) {
        if (!takes_part(member, policy, i)) continue;
        const std::uint8_t arm = arm_of(member, policy.experiments[i]);
        if (arm == 0) continue;
        assignments.each[assignments.count++] = {.experiment = static_cast<std::uint8_t>(i),
                                                 .arm = arm};
    }
    return assignments;
}

profiles::Exploration exploration_of(const Assignments& assignments,
                                     const profiles::Policy& policy) {
    for (const Assignment& each : assignments.list()) {
        const auto& explorations = policy.experiments[each.experiment].explorations;
        if (each.arm > explorations.size()) continue;
        if (const auto& own = explorations[each.arm - 1U]) return *own;
    }
    return policy.exploration;
}

bool sets_exploration(const profiles::Experiment& experiment) {
    return std::any_of(experiment.explorations.begin(), experiment.explorations.end(),
                       [](const auto& each) { return each.has_value(); });
}

}  // namespace vitrine::offers
