#include "agent/identity/eid.hpp"

#include <gtest/gtest.h>

#include "agent/base/bytes.hpp"

namespace vitrine::identity {
namespace {

struct Vector {
    unsigned k;
    std::uint32_t unix_s;
    const char* eid;
};

constexpr const char* kIdentityKey = "0102030405060708090a111213141516";

// The first two are published: RadiusNetworks/ephemeral_calc, spec/encryptor_spec.rb at 6a11016 and
// f733bfe. The others were made with an independent implementation.
constexpr Vector kVectors[] = {
    {10, 0, "a9b76a71c5f89290"},         {10, 2000, "4144413e45fefa58"},
    {0, 0, "45ab7b5927444083"},          {0, 1, "3f6234e395e5d2e9"},
    {0, 65535, "d8aec84dc3e98b13"},      {0, 65536, "77f111e89d01e7a9"},
    {0, 4294967295, "e1ebc3ba7ad93fe5"}, {9, 0, "79dcd373109f42a0"},
    {9, 511, "79dcd373109f42a0"},        {9, 512, "8aef7f3ce8a4f130"},
    {9, 1023, "8aef7f3ce8a4f130"},       {9, 1024, "ce62912dc651e121"},
    {9, 65535, "32ea146333608c27"},      {9, 65536, "96843aa810aa074a"},
    {9, 305419896, "8f25a4feab8497b9"},  {9, 4294967295, "cc0d27e7086fcad1"},
    {12, 65280, "4c0f517715af4b91"},     {12, 305419896, "25d8c58700f7e139"},
    {15, 65535, "88ac6ee14d18e6f5"},     {15, 4294967295, "cd58cbba04aadce5"},
};

TEST(Eid, IsWhatTheVectorsSay) {
    const IdentityKey key{fixed_from_hex<16>(kIdentityKey).value()};
    for (const Vector& vector : kVectors) {
        const TemporaryKey temporary = temporary_key(key, period_of(vector.unix_s));
        EXPECT_EQ(to_hex(eid(temporary, vector.unix_s, vector.k).bytes), vector.eid)
            << "K " << vector.k << " at " << vector.unix_s;
    }
}

TEST(Eid, RotatesEveryEightAndAHalfMinutes) {
    const IdentityKey key{fixed_from_hex<16>(kIdentityKey).value()};
    const auto at = [&](std::int64_t s) {
        return current_eid(key, wall_at(std::chrono::seconds(s)));
    };
    EXPECT_EQ(to_hex(at(305419896).bytes), "8f25a4feab8497b9");
    EXPECT_EQ(at(512), at(1023));
    EXPECT_NE(at(1023), at(1024));
}

TEST(BeaconClock, HoldsStillOutsideOfItsRange) {
    EXPECT_EQ(beacon_seconds(wall_at(std::chrono::milliseconds(-1))), 0U);
    EXPECT_EQ(beacon_seconds(wall_at(std::chrono::milliseconds(1999))), 1U);
    EXPECT_EQ(beacon_seconds(wall_at(std::chrono::seconds(1LL << 33))), 0xffff'ffffU);
}

TEST(BeaconClock, CountsWindowsThatNeverCrossAPeriod) {
    EXPECT_EQ(period_of_window(window_of(65535)), 0U);
    EXPECT_EQ(period_of_window(window_of(65536)), 1U);
}

TEST(EidDeath, RefusesAKeyOfAnotherPeriod) { EXPECT_DEATH(eid(TemporaryKey{}, 65536), "period"); }

}  // namespace
}  // namespace vitrine::identity
