#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "sync/bundle/epoch_ledger.hpp"
#include "sync/bundle/package.hpp"

namespace vitrine::bundle {
namespace {

using testing::HasSubstr;

constexpr WallTime kNoon = wall_at(std::chrono::hours(12));
SecretKey key(std::uint8_t seed) {
    std::array<std::uint8_t, 32> bytes{};
    bytes.fill(seed);
    return SecretKey::from_seed(bytes);
}

const std::vector<PublicKey> kTrusted{key(1).public_key(), key(2).public_key()};
const Destination kHere{TenantId("coop"), StoreId("lyon"), kTrusted};

Terms terms(std::uint64_t epoch) {
    return {.tenant = kHere.tenant,
            .store = kHere.store,
            .kind = Kind::catalogue,
            .epoch = Epoch(epoch),
            .not_before = kNoon - std::chrono::hours(1),
            .expires = kNoon + std::chrono::hours(1)};
}

Result<VerifiedManifest> verified(const Package& package, const SecretKey& signer = key(1)) {
    const std::array<PublicKey, 1> trusted{signer.public_key()};
    return verify(package.manifest, trusted);
}

VerifiedManifest manifest_of(const Terms& of, const SecretKey& signer = key(1)) {
    const Bytes payload{1, 2, 3};
    return verified(pack(of, payload, signer).value(), signer).value();
}

/// Bytes that do not pack.
Bytes noise(std::size_t size) {
    Bytes bytes(size);
    std::uint64_t state = 88172645463325252ULL;
    for (auto& byte : bytes) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        byte = static_cast<std::uint8_t>(state);
    }
    return bytes;
}

RC_GTEST_PROP(BundleLaws, ChunksInAnyOrderAndRepetitionGiveThePayload, ()) {
    const Bytes payload = noise(*rc::gen::inRange<std::size_t>(0, 3000));
    const auto chunk_bytes = *rc::gen::inRange<std::size_t>(1, 700);
    const Package package = pack(terms(1), payload, key(1), chunk_bytes).value();
    Assembler assembler(verified(package).value());
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < package.chunks.size(); ++i) order.insert(order.end(), 2, i);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    for (const auto index : order) {
        RC_ASSERT(assembler.add(index, package.chunks[index]).has_value());
    }
    RC_ASSERT(assembler.complete());
    RC_ASSERT(assembler.payload().value() == payload);
}

RC_GTEST_PROP(BundleLaws, NoChangedBitOfAManifestPasses, ()) {
    Package package = pack(terms(3), noise(500), key(1), 100).value();
    const auto at = *rc::gen::inRange<std::size_t>(0, package.manifest.size());
    package.manifest[at] ^= static_cast<std::uint8_t>(1 << *rc::gen::inRange(0, 8));
    RC_ASSERT(!verified(package).has_value());
}

TEST(Manifest, ReadsBackWhatWasSigned) {
    const Packed delta = pack_delta(Epoch(7), Bytes(10), noise(1000)).value();
    const Package package = package_of(terms(9), delta, key(1), 300).value();
    const Manifest manifest = verified(package).value().manifest();
    EXPECT_EQ(manifest.base, (Base{Epoch(7), digest_of(Bytes(10))}));
    EXPECT_EQ(manifest.payload_bytes, 1000U);
    EXPECT_EQ(manifest.payload, digest_of(noise(1000)));
    EXPECT_EQ(manifest.chunks.size(), package.chunks.size());
    EXPECT_EQ(sign(manifest, key(1)), package.manifest);
}

TEST(Manifest, FromAnUnknownKeyIsDenied) {
    const Package package = pack(terms(1), noise(10), key(2)).value();
    EXPECT_EQ(verified(package, key(1)).error().code, ErrorCode::denied);
    const std::vector<PublicKey> both{key(1).public_key(), key(2).public_key()};
    EXPECT_TRUE(verify(package.manifest, both));
    EXPECT_FALSE(verify(package.manifest, {}));
}

TEST(Manifest, OfImpossibleSizesIsRefusedAlthoughSigned) {
    const Manifest good = manifest_of(terms(1)).manifest();
    const auto refusal = [](const Manifest& manifest) {
        const std::array<PublicKey, 1> trusted{key(1).public_key()};
        const auto read = verify(sign(manifest, key(1)), trusted);
        return read ? std::string("accepted") : read.error().message;
    };
    EXPECT_EQ(refusal(good), "accepted");
    Manifest bad = good;
    bad.packed_bytes = 1ULL << 40;
    EXPECT_THAT(refusal(bad), HasSubstr("packed_bytes"));
    bad = good;
    bad.payload_bytes = kPayloadBytesMax + 1;
    EXPECT_THAT(refusal(bad), HasSubstr("payload_bytes"));
    bad = good;
    bad.chunk_bytes = 0;
    EXPECT_THAT(refusal(bad), HasSubstr("chunk_bytes"));
    bad = good;
    bad.chunks.emplace_back();
    EXPECT_THAT(refusal(bad), HasSubstr("chunks"));
    bad = good;
    bad.base = Base{.epoch = bad.epoch};
    EXPECT_THAT(refusal(bad), HasSubstr("base"));
}

TEST(Assembler, RefusesWhatIsNotTheChunk) {
    const Package package = pack(terms(1), noise(1000), key(1), 300).value();
    Assembler assembler(verified(package).value());
    Bytes wrong = package.chunks[0];
    wrong[5] ^= 1;
    EXPECT_EQ(assembler.add(0, wrong).error().code, ErrorCode::denied);
    EXPECT_EQ(assembler.add(1, package.chunks[0]).error().code, ErrorCode::denied);
    EXPECT_EQ(assembler.add(0, ByteView(package.chunks[0]).first(10)).error().code,
              ErrorCode::denied);
    EXPECT_EQ(assembler.add(99, package.chunks[0]).error().code, ErrorCode::invalid);
    EXPECT_EQ(assembler.payload().error().code, ErrorCode::unavailable);
    EXPECT_EQ(assembler.add(0, package.chunks[0]).value(), Assembler::Added::taken);
    EXPECT_EQ(assembler.add(0, package.chunks[0]).value(), Assembler::Added::duplicate);
}

TEST(Assembler, DoesNotUnpackBeyondWhatWasPromised) {
    // A signer's bug, not a stranger: the promised size is smaller than what the frame holds.
    const Package package = pack(terms(1), Bytes(100'000), key(1)).value();
    Manifest manifest = verified(package).value().manifest();
    manifest.payload_bytes = 50'000;
    const std::array<PublicKey, 1> trusted{key(1).public_key()};
    Assembler assembler(verify(sign(manifest, key(1)), trusted).value());
    ASSERT_TRUE(assembler.add(0, package.chunks[0]));
    EXPECT_EQ(assembler.payload().error().code, ErrorCode::exhausted);
}

TEST(Package, OfMegabytesComesBackWhole) {
    Bytes payload = noise(6U << 20);
    payload.resize(9U << 20);
    const Package package = pack(terms(1), payload, key(1)).value();
    EXPECT_GT(package.chunks.size(), 40U);
    Assembler assembler(verified(package).value());
    for (std::uint32_t i = 0; i < package.chunks.size(); ++i) {
        ASSERT_TRUE(assembler.add(i, package.chunks[i]));
    }
    EXPECT_TRUE(assembler.payload().value() == payload);
}

TEST(Package, RefusesTermsThatMakeNoSense) {
    const Packed delta = pack_delta(Epoch(5), {}, {}).value();
    EXPECT_FALSE(package_of(terms(5), delta, key(1)));
    EXPECT_TRUE(package_of(terms(6), delta, key(1)));
    Terms wrong = terms(5);
    wrong.expires = wrong.not_before;
    EXPECT_FALSE(pack(wrong, {}, key(1)));
    EXPECT_EQ(pack(terms(1), Bytes(kPayloadBytesMax + 1), key(1)).error().code,
              ErrorCode::exhausted);
    EXPECT_TRUE(pack(terms(1), {}, key(1)));
}

TEST(Assembler, PutsADeltaOnItsBaseAndOnNothingElse) {
    const Bytes base = noise(300'000);
    Bytes payload = base;
    payload[1000] ^= 1;
    payload.resize(250'000);
    const Package package =
        package_of(terms(8), pack_delta(Epoch(7), base, payload).value(), key(1), 100).value();
    Assembler assembler(verified(package).value());
    for (std::uint32_t i = 0; i < package.chunks.size(); ++i) {
        ASSERT_TRUE(assembler.add(i, package.chunks[i]));
    }
    EXPECT_LT(package.chunks.size(), 4U);
    EXPECT_TRUE(assembler.payload(base).value() == payload);
    EXPECT_EQ(assembler.payload(payload).error().code, ErrorCode::conflict);
    EXPECT_EQ(assembler.payload().error().code, ErrorCode::conflict);
}

TEST(Manifest, IsSignedAnewByTheNextKey) {
    const Package package = pack(terms(4), noise(10), key(1)).value();
    const Bytes again = resign(package.manifest, key(2)).value();
    EXPECT_EQ(signer_of(again), key(2).public_key());
    const std::array<PublicKey, 1> trusted{key(2).public_key()};
    EXPECT_EQ(verify(again, trusted).value().manifest(), verified(package).value().manifest());
    Bytes forged = package.manifest;
    forged[3] ^= 1;
    EXPECT_FALSE(resign(forged, key(2))) << "the new key vouches for nothing it was not told";
}

class EpochLedgerOf : public testing::Test {
  protected:
    Result<Acceptance> accept(const VerifiedManifest& manifest,
                              const std::optional<Base>& present = std::nullopt,
                              WallTime now = kNoon) {
        return ledger.accept(manifest, kHere, present, now);
    }
    static Base present(std::uint64_t epoch) { return {.epoch = Epoch(epoch)}; }
    static Terms of_kind(Kind kind, std::uint64_t epoch) {
        Terms terms = bundle::terms(epoch);
        terms.kind = kind;
        return terms;
    }

    EpochLedger ledger;
};

TEST_F(EpochLedgerOf, AShopNeverGoesBack) {
    ASSERT_TRUE(accept(manifest_of(terms(5))));
    ledger.applied(manifest_of(terms(5)));
    EXPECT_EQ(accept(manifest_of(terms(4)), present(5)).error().code, ErrorCode::conflict);
    EXPECT_EQ(accept(manifest_of(terms(5)), present(5)).error().code, ErrorCode::conflict);
    EXPECT_TRUE(accept(manifest_of(terms(6)), present(5)));
    ledger.applied(manifest_of(terms(3)));
    EXPECT_EQ(ledger.highest(key(1).public_key(), Kind::catalogue), Epoch(5));
}

TEST_F(EpochLedgerOf, WhatWasLostComesBackButNothingOlder) {
    ledger.applied(manifest_of(terms(5)));
    EXPECT_EQ(accept(manifest_of(terms(5))).value(), Acceptance{}) << "the cache was lost";
    EXPECT_EQ(accept(manifest_of(terms(4))).error().code, ErrorCode::conflict);
    ledger.applied(manifest_of(of_kind(Kind::profiles, 15)));
    EXPECT_TRUE(accept(manifest_of(of_kind(Kind::profiles, 10)))->behind)
        << "a base for the deltas that lead back to 15";
    EXPECT_FALSE(accept(manifest_of(of_kind(Kind::profiles, 15)))->behind);
}

TEST_F(EpochLedgerOf, KeysCountOnTheirOwnWhileTheyAreTrusted) {
    ledger.applied(manifest_of(terms(5)));
    EXPECT_EQ(accept(manifest_of(terms(4), key(2))).error().code, ErrorCode::conflict)
        << "the new key does not bring back what the old one superseded";
    EXPECT_TRUE(accept(manifest_of(terms(6), key(2)), present(5)));
    EXPECT_TRUE(accept(manifest_of(of_kind(Kind::model, 1))));
    const std::array<PublicKey, 1> only{key(2).public_key()};
    EXPECT_TRUE(ledger.accept(manifest_of(terms(1), key(2)), {kHere.tenant, kHere.store, only},
                              std::nullopt, kNoon))
        << "after the old one was revoked";
}

TEST_F(EpochLedgerOf, ManyKeysIsNeverFull) {
    for (std::uint8_t i = 0; i < 100; ++i) ledger.applied(manifest_of(terms(i + 1U), key(i)));
    EXPECT_EQ(ledger.highest(key(99).public_key(), Kind::catalogue), Epoch(100));
    EXPECT_TRUE(EpochLedger::decode(ledger.encode()));
}

TEST_F(EpochLedgerOf, AShopTakesOnlyWhatIsForItAndItsTime) {
    const auto code = [this](const VerifiedManifest& manifest, WallTime now = kNoon) {
        const auto accepted = accept(manifest, present(3), now);
        EXPECT_FALSE(accepted.has_value());
        return accepted ? ErrorCode::corrupt : accepted.error().code;
    };
    Terms other = terms(4);
    other.store = StoreId("nice");
    EXPECT_EQ(code(manifest_of(other)), ErrorCode::denied);
    other = terms(4);
    other.tenant = TenantId("rival");
    EXPECT_EQ(code(manifest_of(other)), ErrorCode::denied);
    const WallTime in_1970 = kNoon - std::chrono::hours(26);
    EXPECT_EQ(code(manifest_of(terms(4)), in_1970), ErrorCode::unavailable);
    EXPECT_TRUE(accept(manifest_of(terms(4)), present(3), in_1970 + std::chrono::hours(2)));
    EXPECT_TRUE(accept(manifest_of(of_kind(Kind::erasures, 4)), present(3), in_1970))
        << "whom to forget waits for no clock";
    const auto delta = [](std::uint64_t base) {
        const Packed packed = pack_delta(Epoch(base), {}, {}).value();
        return verified(package_of(terms(4), packed, key(1)).value()).value();
    };
    const Base empty{.epoch = Epoch(3), .payload = digest_of({})};
    EXPECT_EQ(code(delta(2)), ErrorCode::conflict);
    EXPECT_EQ(code(delta(3)), ErrorCode::conflict) << "another state of that epoch";
    EXPECT_TRUE(accept(delta(3), empty));
    EXPECT_FALSE(accept(delta(3)));
}

TEST(EpochLedger, TakesWhatHasExpiredAndSaysSo) {
    const EpochLedger ledger;
    const auto late = kNoon + std::chrono::hours(5);
    EXPECT_TRUE(ledger.accept(manifest_of(terms(1)), kHere, std::nullopt, late)->expired);
    EXPECT_FALSE(ledger.accept(manifest_of(terms(1)), kHere, std::nullopt, kNoon)->expired);
}

TEST(EpochLedger, ReadsBackAndNoticesDamage) {
    EpochLedger ledger;
    ledger.applied(manifest_of(terms(5)));
    ledger.applied(manifest_of(terms(7), key(2)));
    const Bytes bytes = ledger.encode();
    EXPECT_EQ(EpochLedger::decode(bytes).value(), ledger);
    EXPECT_EQ(EpochLedger::decode(ByteView(bytes).first(bytes.size() - 1)).error().code,
              ErrorCode::corrupt);
}

}  // namespace
}  // namespace vitrine::bundle
