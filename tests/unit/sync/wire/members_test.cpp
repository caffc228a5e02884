#include "sync/wire/members.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "agent/base/random.hpp"
#include "sync/wire/model_binary.hpp"
#include "tests/unit/sync/wire/any_record.hpp"

namespace vitrine::wire {
namespace {

using testing::HasSubstr;

consent::Consents any_consents() {
    consent::Consents made;
    for (auto& state : made.states) {
        state.withdrawal = any::number<std::uint32_t>();
        state.paused = any::coin();
        state.granted = any::coin();
        state.grant = any::number<std::uint32_t>();
        if (any::coin()) {
            state.valid_until = wall_at(std::chrono::milliseconds(any::number<std::int64_t>()));
        }
    }
    return made;
}

/// Ids in order, each once.
template <class Item>
void number_members(std::vector<Item>& items) {
    std::uint64_t id = 0;
    for (Item& item : items) {
        id += 1 + any::below<std::uint64_t>(1ULL << 40);
        item.member = MemberId(id);
    }
}

RecognitionBundle any_recognition() {
    RecognitionBundle made{.epoch = Epoch(any::number<std::uint64_t>()),
                           .first_period = any::number<std::uint32_t>()};
    made.members.resize(any::below<std::size_t>(6));
    number_members(made.members);
    for (auto& member : made.members) {
        member.consents = any_consents();
        member.keys.resize(any::below<std::size_t>(5));
        for (auto& key : member.keys) key.fill(any::number<std::uint8_t>());
    }
    return made;
}

/// From 0 to 1, both included.
float any_share() { return static_cast<float>(any::below<int>(101)) / 100.0F; }

/// What only some profiles have.
void add_forecasts(profiles::Profile& made) {
    made.price_tier = 2 * any_share() - 1;
    made.responses = 50 * any_share();
    made.churn = any_share();
    made.last_web_day = any::number<std::int32_t>();
    made.basket_day = any::number<std::int32_t>();
    std::uint32_t product = 0;
    for (auto i = any::below<int>(4); i > 0; --i) {
        made.basket.emplace_back(product += 1 + any::below<std::uint32_t>(1U << 20));
    }
}

profiles::Profile any_profile() {
    profiles::Profile made{.level = static_cast<profiles::Level>(any::below<int>(3)),
                           .language = any::coin() ? Language::fr : Language::en,
                           .age_proven = any::coin(),
                           .birth_month = static_cast<std::uint8_t>(any::below<int>(13)),
                           .as_of_day = any::number<std::int32_t>(),
                           .last_visit_day = any::number<std::int32_t>(),
                           .visits_30_days = any::number<std::uint16_t>(),
                           .spent_90_days_cents = any::number<std::uint32_t>()};
    made.habits.resize(any::below<std::size_t>(4));
    std::uint16_t category = 0;
    for (auto& habit : made.habits) {
        category = static_cast<std::uint16_t>(category + 1 + any::below<int>(100));
        habit = {CategoryId(category), any::number<std::uint16_t>(), any::number<std::int32_t>(),
                 any::real()};
    }
    made.products.resize(any::below<std::size_t>(4));
    std::uint32_t product = 0;
    for (auto& habit : made.products) {
        product += 1 + any::below<std::uint32_t>(1U << 20);
        habit = {ProductId(product), any::number<std::int32_t>(), any::real()};
    }
    for (auto i = any::below<int>(3); i > 0; --i) {
        made.favourites.emplace_back(any::number<std::uint16_t>());
        made.dismissed.emplace_back(any::number<std::uint32_t>());
    }
    if (any::coin()) add_forecasts(made);
    std::uint32_t offer = 0;
    for (auto i = any::below<int>(3); i > 0; --i) {
        made.seen_elsewhere.push_back({OfferId(offer += 1 + any::below<std::uint32_t>(1U << 20)),
                                       any::number<std::uint16_t>(), any::number<std::int32_t>(),
                                       any::number<std::uint8_t>()});
    }
    return made;
}

ProfilesBundle any_profiles() {
    ProfilesBundle made{.epoch = Epoch(any::number<std::uint64_t>())};
    for (auto i = any::below<int>(4); i > 0; --i) made.profiles.push_back(any_profile());
    for (auto i = any::below<int>(3); i > 0; --i) {
        made.cards.push_back({.calls_me = any::text(), .wishes = any::text()});
    }
    for (auto i = any::below<int>(3); i > 0; --i) {
        made.consents.push_back({.consents = any_consents()});
    }
    number_members(made.profiles);
    number_members(made.cards);
    number_members(made.consents);
    return made;
}

profiles::Model any_model() {
    profiles::Model made{.epoch = Epoch(any::number<std::uint64_t>()),
                         .layout = any::number<std::uint32_t>(),
                         .base_rate = any::real()};
    made.mean.resize(any::below<std::size_t>(6));
    made.precision.resize(made.mean.size() * (made.mean.size() + 1) / 2);
    for (auto& each : made.mean) each = any::real();
    for (auto& each : made.precision) each = any::real();
    made.offsets.resize(any::below<std::size_t>(4));
    std::uint32_t offer = 0;
    for (auto& each : made.offsets) {
        each = {profiles::OffsetId(offer += 1 + any::below<std::uint32_t>(1000)), any::real(),
                any::real()};
    }
    made.vectors.resize(any::below<std::size_t>(4));
    std::uint16_t category = 0;
    for (auto& each : made.vectors) {
        category = static_cast<std::uint16_t>(category + 1 + any::below<int>(1000));
        each.category = CategoryId(category);
        for (auto& part : each.direction) part = any::number<std::int8_t>();
    }
    return made;
}

/// No cut, no longer and no slightly changed form may be read as the same.
template <class Value>
void expect_only_its_own_bytes(const Bytes& bytes, const Value& value,
                               Result<Value> (*decode)(ByteView)) {
    RC_ASSERT(decode(bytes).value() == value);
    RC_ASSERT(!decode(ByteView(bytes).first(any::below(bytes.size()))).has_value());
    Bytes longer = bytes;
    longer.push_back(0);
    RC_ASSERT(!decode(longer).has_value());
    Bytes changed = bytes;
    changed[any::below(changed.size())] ^= static_cast<std::uint8_t>(1 << any::below<int>(8));
    const auto read = decode(changed);
    const bool same = read.has_value() && *read == value;
    RC_ASSERT(!same);
}

RC_GTEST_PROP(MembersLaws, RecognitionReadsBack, ()) {
    const auto bundle = any_recognition();
    expect_only_its_own_bytes(encode_recognition(bundle).value(), bundle, &decode_recognition);
}

RC_GTEST_PROP(MembersLaws, ProfilesReadBack, ()) {
    const auto bundle = any_profiles();
    expect_only_its_own_bytes(encode_profiles(bundle).value(), bundle, &decode_profiles);
}

RC_GTEST_PROP(MembersLaws, ErasuresReadBack, ()) {
    ErasuresBundle bundle{.epoch = Epoch(any::number<std::uint64_t>())};
    std::uint64_t id = 0;
    for (auto i = any::below<int>(5); i > 0; --i) {
        bundle.members.emplace_back(id += 1 + any::below<std::uint64_t>(1ULL << 40));
    }
    expect_only_its_own_bytes(encode_erasures(bundle).value(), bundle, &decode_erasures);
}

RC_GTEST_PROP(MembersLaws, ModelsReadBackBitForBit, ()) {
    const auto model = any_model();
    const Bytes bytes = encode_model(model).value();
    RC_ASSERT(decode_model(bytes).value() == model);
    RC_ASSERT(encode_model(decode_model(bytes).value()).value() == bytes);
    RC_ASSERT(!decode_model(ByteView(bytes).first(any::below(bytes.size()))).has_value());
}

TEST(Members, AHostileCountReservesNothing) {
    const Bytes claims{'V', 'T', 'R', '1', 1, 1, 0x80, 0x89, 0x7a};
    EXPECT_THAT(decode_recognition(claims).error().message, HasSubstr("ends too early"));
}

TEST(Members, AMemberTwiceIsRefused) {
    RecognitionBundle twice;
    twice.members.resize(2);
    twice.members[0].member = twice.members[1].member = MemberId(4);
    EXPECT_FALSE(encode_recognition(twice));
    ProfilesBundle profiles;
    profiles.profiles.resize(1);  // Member 0 is nobody.
    EXPECT_THAT(encode_profiles(profiles).error().message, HasSubstr("profiles[0]: "));
}

TEST(Members, ABundleOfAnotherKindIsRefused) {
    const Bytes erasures = encode_erasures({.epoch = Epoch(1)}).value();
    EXPECT_THAT(decode_profiles(erasures).error().message, HasSubstr("not a bundle of this kind"));
}

TEST(Model, IsRefusedWhenItIsNoModel) {
    profiles::Model model{.mean = {1, 2}, .precision = {1, 0, 1}};
    EXPECT_TRUE(encode_model(model));
    model.precision.pop_back();
    EXPECT_THAT(encode_model(model).error().message, HasSubstr("triangle"));
    model = {.mean = {NAN}, .precision = {1}};
    EXPECT_THAT(encode_model(model).error().message, HasSubstr("not finite"));
    model = {.offsets = {{profiles::OffsetId(2)}, {profiles::OffsetId(1)}}};
    EXPECT_THAT(encode_model(model).error().message, HasSubstr("offsets are not in order"));
    model = {.vectors = {{CategoryId(7)}, {CategoryId(7)}}};
    EXPECT_THAT(encode_model(model).error().message, HasSubstr("vectors are not in order"));
    model.vectors.resize(profiles::Model::kVectorsMax + 1);
    EXPECT_FALSE(encode_model(model));
}

TEST(Members, AProfileOutOfItsBoundsIsRefused) {
    const auto refusal_of = [](profiles::Profile profile) {
        profile.member = MemberId(5);
        return encode_profiles({.profiles = {std::move(profile)}}).error().message;
    };
    EXPECT_THAT(refusal_of({.price_tier = 1.5F}), HasSubstr("price tier"));
    EXPECT_THAT(refusal_of({.responses = -1}), HasSubstr("responses"));
    EXPECT_THAT(refusal_of({.churn = 1.01F}), HasSubstr("churn"));
    EXPECT_THAT(refusal_of({.churn = NAN}), HasSubstr("not finite"));
    EXPECT_THAT(refusal_of({.basket = {ProductId(2), ProductId(2)}}), HasSubstr("basket"));
    EXPECT_THAT(refusal_of({.seen_elsewhere = {{OfferId(2)}, {OfferId(1)}}}),
                HasSubstr("seen elsewhere"));
    profiles::Profile many;
    many.seen_elsewhere.resize(profiles::Profile::kSeenMax + 1);
    EXPECT_FALSE(refusal_of(many).empty());
}

TEST(Members, WhatOnlySomeHaveCostsTheOthersNothing) {
    profiles::Profile plain{.member = MemberId(5)};
    const Bytes short_one = encode_profiles({.profiles = {plain}}).value();
    plain.churn = 0.5F;
    EXPECT_EQ(encode_profiles({.profiles = {plain}}).value().size(), short_one.size() + 15);
}

TEST(Members, TwentyThousandTakeAFewMegabytes) {
    Rng rng(7);
    RecognitionBundle bundle{.epoch = Epoch(1), .first_period = 26'000};
    bundle.members.resize(20'000);
    std::uint64_t id = 0;
    for (auto& member : bundle.members) {
        member.member = MemberId(id += 1 + rng.below(1ULL << 48));
        member.consents.of(consent::Purpose::recognise).granted = true;
        member.keys.resize(8);
    }
    const Bytes bytes = encode_recognition(bundle).value();
    RecordProperty("bytes_a_member", static_cast<int>(bytes.size() / bundle.members.size()));
    EXPECT_LT(bytes.size(), 3'000'000U);
    EXPECT_EQ(decode_recognition(bytes).value(), bundle);
}

}  // namespace
}  // namespace vitrine::wire
