#include "sync/wire/delta.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "agent/base/random.hpp"
#include "sync/wire/compress.hpp"
#include "sync/wire/members.hpp"

namespace vitrine::wire {
namespace {

constexpr std::size_t kMembers = 20'000;

std::array<std::uint8_t, 16> key(Rng& rng) {
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    return bytes;
}

RecognitionBundle recognition(Rng& rng) {
    RecognitionBundle bundle{.epoch = Epoch(1), .first_period = 20'000};
    for (std::uint64_t id = 1; id <= kMembers; ++id) {
        RecognitionBundle::Member member{.member = MemberId(rng.next() >> 20 | id << 44)};
        for (int i = 0; i < 9; ++i) member.keys.push_back(key(rng));
        bundle.members.push_back(std::move(member));
    }
    return bundle;
}

/// The next period of 18.2 hours: everybody's first key goes and a new last one comes.
RecognitionBundle one_period_later(RecognitionBundle bundle, Rng& rng) {
    bundle.epoch = bundle.epoch.next();
    ++bundle.first_period;
    for (auto& member : bundle.members) {
        member.keys.erase(member.keys.begin());
        member.keys.push_back(key(rng));
    }
    return bundle;
}

ProfilesBundle profiles(Rng& rng) {
    ProfilesBundle bundle{.epoch = Epoch(1)};
    for (std::uint64_t id = 1; id <= kMembers; ++id) {
        profiles::Profile profile{.member = MemberId(rng.next() >> 20 | id << 44),
                                  .level = profiles::Level::full,
                                  .as_of_day = 20'000};
        for (std::uint16_t category = 1; category <= 20; ++category) {
            if (rng.below(2) == 0) continue;
            profile.habits.push_back(
                {.category = CategoryId(category),
                 .rhythm_days = static_cast<std::uint16_t>(rng.below(30)),
                 .last_bought_day = 20'000 - static_cast<std::int32_t>(rng.below(60)),
                 .weight = static_cast<float>(rng.uniform() * 5)});
        }
        for (std::uint32_t product = 1; product <= 200; product += 20) {
            profile.products.push_back(
                {.product = ProductId(product + static_cast<std::uint32_t>(rng.below(20))),
                 .last_bought_day = 19'970,
                 .weight = static_cast<float>(rng.uniform())});
        }
        bundle.consents.push_back({profile.member, {}});
        bundle.profiles.push_back(std::move(profile));
    }
    return bundle;
}

RC_GTEST_PROP(DeltaLaws, OnTheSameBaseGivesThePayloadBack, ()) {
    const auto base = *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
    auto payload = base;
    const auto more = *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
    const auto at = *rc::gen::inRange<std::size_t>(0, base.size() + 1);
    payload.insert(payload.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
    const Bytes frame = difference(base, payload);
    RC_ASSERT(apply_difference(base, frame, payload.size()).value() == payload);
    RC_ASSERT(payload.empty() || !apply_difference(base, frame, payload.size() - 1));
}

TEST(Delta, OnAnotherBaseIsRefused) {
    Rng rng(7);
    Bytes base(100'000);
    for (auto& byte : base) byte = static_cast<std::uint8_t>(rng.below(256));
    Bytes payload = base;
    payload[50'000] ^= 1;
    const Bytes frame = difference(base, payload);
    EXPECT_LT(frame.size(), 200U);
    EXPECT_EQ(apply_difference(base, frame, payload.size()).value(), payload);
    base[7] ^= 1;
    EXPECT_EQ(apply_difference(base, frame, payload.size()).error().code, ErrorCode::invalid);
    EXPECT_EQ(apply_difference({}, frame, payload.size()).error().code, ErrorCode::invalid);
}

TEST(Delta, ThatIsDamagedIsRefused) {
    const Bytes base(1000, 1);
    Bytes frame = difference(base, Bytes(2000, 1));
    EXPECT_FALSE(apply_difference(base, ByteView(frame).first(frame.size() - 1), 2000));
    EXPECT_EQ(apply_difference(base, frame, 1999).error().code, ErrorCode::exhausted);
    frame.push_back(0);
    EXPECT_FALSE(apply_difference(base, frame, 2000));
    EXPECT_FALSE(apply_difference(base, {}, 2000));
}

/// The figures of docs/sync.md, Sizes.
TEST(Delta, OfAHundredChangedProfilesIsAHundredthOfTheWhole) {
    Rng rng(1);
    ProfilesBundle bundle = profiles(rng);
    const Bytes base = encode_profiles(bundle).value();
    bundle.epoch = Epoch(2);
    for (std::size_t i = 0; i < 100; ++i) {
        auto& profile = bundle.profiles[(i * 7919) % kMembers];
        profile.habits.at(0).weight += 1;
        profile.products.at(3).last_bought_day = 20'000;
    }
    const Bytes payload = encode_profiles(bundle).value();
    const Bytes frame = difference(base, payload);
    const std::size_t whole = compress(payload, 9).size();
    RecordProperty("payload_bytes", static_cast<int>(payload.size()));
    RecordProperty("whole_bytes", static_cast<int>(whole));
    RecordProperty("delta_bytes", static_cast<int>(frame.size()));
    EXPECT_LT(frame.size() * 100, whole);
    EXPECT_TRUE(apply_difference(base, frame, payload.size()).value() == payload);
}

TEST(Delta, OfANewPeriodIsLittleMoreThanTheNewKeys) {
    Rng rng(2);
    const RecognitionBundle bundle = recognition(rng);
    const Bytes base = encode_recognition(bundle).value();
    const Bytes payload = encode_recognition(one_period_later(bundle, rng)).value();
    const Bytes frame = difference(base, payload);
    RecordProperty("whole_bytes", static_cast<int>(compress(payload, 9).size()));
    RecordProperty("delta_bytes", static_cast<int>(frame.size()));
    EXPECT_LT(frame.size(), kMembers * 30);  // 16 of them are the key.
    EXPECT_TRUE(apply_difference(base, frame, payload.size()).value() == payload);
}

}  // namespace
}  // namespace vitrine::wire
