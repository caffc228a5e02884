#include "sync/bundle/key_ring.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace vitrine::bundle {
namespace {

class KeyRingIn : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "ring-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::filesystem::path folder;
};

TEST_F(KeyRingIn, AnEmptyFolderMakesItsFirstKeyOnce) {
    const KeyRing ring(folder);
    const PublicKey first = ring.current().value().public_key();
    EXPECT_EQ(ring.current().value().public_key(), first);
    EXPECT_EQ(load_public_key((folder / "signing.pub").string()).value(), first);
}

TEST_F(KeyRingIn, WorkersThatStartTogetherHaveOneKey) {
    for (int round = 0; round < 50; ++round) {
        const std::filesystem::path own = folder / std::to_string(round);
        std::filesystem::create_directory(own);
        std::array<std::optional<PublicKey>, 4> keys;
        std::latch ready(keys.size());
        std::vector<std::jthread> workers;
        for (std::optional<PublicKey>& key : keys) {
            workers.emplace_back([&] {
                ready.arrive_and_wait();
                const auto mine = KeyRing(own).current();
                if (mine) key = mine->public_key();
            });
        }
        workers.clear();
        for (const auto& key : keys) {
            ASSERT_TRUE(key.has_value());
            EXPECT_EQ(key, keys[0]);
        }
        const std::size_t files =
            static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(own), {}));
        EXPECT_EQ(files, 2u) << "the key, its public half, and nothing half made";
    }
}

TEST_F(KeyRingIn, AFolderRotatesFromOneKeyToTheNext) {
    const KeyRing ring(folder);
    const PublicKey first = ring.current().value().public_key();
    EXPECT_EQ(ring.rotate().error().code, ErrorCode::not_found);
    const PublicKey second = ring.make_next().value();
    EXPECT_EQ(ring.make_next().error().code, ErrorCode::conflict) << "shops may trust it already";
    EXPECT_EQ(ring.current().value().public_key(), first) << "not before every shop knows it";
    ASSERT_TRUE(ring.rotate());
    EXPECT_EQ(ring.current().value().public_key(), second);
    EXPECT_EQ(load_public_key((folder / "signing.pub").string()).value(), second);
    EXPECT_EQ(ring.look()->last, first);

    (void)ring.make_next().value();
    EXPECT_EQ(ring.rotate().error().code, ErrorCode::conflict) << "one after the other";
    ASSERT_TRUE(ring.retire());
    EXPECT_EQ(ring.retire().error().code, ErrorCode::not_found);
    ASSERT_TRUE(ring.rotate());
    EXPECT_EQ(ring.look()->last, second);
}

TEST_F(KeyRingIn, ALostKeyIsReplacedByTheNext) {
    const KeyRing ring(folder);
    (void)ring.current().value();
    const PublicKey next = ring.make_next().value();
    std::filesystem::remove(folder / "signing.key");
    ASSERT_TRUE(ring.rotate());
    EXPECT_EQ(ring.current().value().public_key(), next);
}

TEST_F(KeyRingIn, ARotationThatWasCutOffIsBroughtToItsEnd) {
    const KeyRing ring(folder);
    (void)ring.current().value();
    const PublicKey next = ring.make_next().value();
    std::filesystem::rename(folder / "signing.key", folder / "signing-last.key");
    EXPECT_EQ(ring.current().value().public_key(), next);
}

TEST_F(KeyRingIn, AKeyThatOthersMayReadIsRefused) {
    const KeyRing ring(folder);
    (void)ring.current().value();
    std::filesystem::permissions(folder / "signing.key", std::filesystem::perms(0644));
    EXPECT_EQ(ring.current().error().code, ErrorCode::denied);
    EXPECT_EQ(ring.look().error().code, ErrorCode::denied);
}

}  // namespace
}  // namespace vitrine::bundle
