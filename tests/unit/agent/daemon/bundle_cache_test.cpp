#include "agent/daemon/bundle_cache.hpp"

#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include "sync/bundle/package.hpp"

namespace vitrine::daemon {
namespace {

using bundle::Kind;

class BundleCacheIn : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "cache-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    std::uintmax_t size_of_partial() {
        return std::filesystem::file_size(folder / "profiles.part");
    }

    std::filesystem::path folder;
};

TEST_F(BundleCacheIn, AFolderKeepsTheChunksOfADownload) {
    const auto cache = BundleCache::open(folder).value();
    EXPECT_FALSE(cache.load_partial(Kind::profiles));
    const Bytes manifest{1, 2, 3};
    ASSERT_TRUE(cache.keep_chunk(Kind::profiles, manifest, 5, Bytes(1000, 5)));
    ASSERT_TRUE(cache.keep_chunk(Kind::profiles, manifest, 2, Bytes(1000, 2)));
    const auto partial = cache.load_partial(Kind::profiles);
    ASSERT_TRUE(partial);
    EXPECT_EQ(partial->signed_manifest, manifest);
    ASSERT_EQ(partial->chunks.size(), 2U);
    EXPECT_EQ(partial->chunks[1].first, 2U);
    EXPECT_EQ(partial->chunks[1].second, Bytes(1000, 2));
    cache.drop_partial(Kind::profiles);
    EXPECT_FALSE(cache.load_partial(Kind::profiles));
}

TEST_F(BundleCacheIn, ANewerDownloadTakesThePlaceOfTheOlder) {
    const auto cache = BundleCache::open(folder).value();
    ASSERT_TRUE(cache.keep_chunk(Kind::profiles, Bytes{1}, 0, Bytes(100'000, 5)));
    ASSERT_TRUE(cache.keep_chunk(Kind::profiles, Bytes{2}, 1, Bytes(10, 6)));
    EXPECT_LT(size_of_partial(), 100U);
    EXPECT_EQ(cache.load_partial(Kind::profiles)->chunks.size(), 1U);
}

TEST_F(BundleCacheIn, WhatAPowerCutTookIsCutOffSoThatTheNextChunkFollows) {
    const auto cache = BundleCache::open(folder).value();
    const Bytes manifest{1, 2, 3};
    ASSERT_TRUE(cache.keep_chunk(Kind::profiles, manifest, 0, Bytes(1000, 1)));
    ASSERT_TRUE(cache.keep_chunk(Kind::profiles, manifest, 1, Bytes(1000, 2)));
    for (std::uintmax_t size = size_of_partial(); size > 1100; size -= 97) {
        std::filesystem::resize_file(folder / "profiles.part", size);
        const auto cut = cache.load_partial(Kind::profiles);
        ASSERT_TRUE(cut);
        ASSERT_GE(cut->chunks.size(), 1U);
    }
    ASSERT_TRUE(cache.keep_chunk(Kind::profiles, manifest, 7, Bytes(10, 7)));
    const auto partial = cache.load_partial(Kind::profiles);
    ASSERT_EQ(partial->chunks.size(), 2U);
    EXPECT_EQ(partial->chunks[1].first, 7U);
    std::ofstream(folder / "profiles.part") << "xx";
    EXPECT_FALSE(cache.load_partial(Kind::profiles));
}

TEST_F(BundleCacheIn, ABundleOfADeltaIsKeptWhole) {
    const auto cache = BundleCache::open(folder).value();
    const bundle::SecretKey key = bundle::SecretKey::from_seed({1});
    const Bytes base(5000, 1);
    Bytes payload = base;
    payload[100] = 2;
    const auto package =
        bundle::package_of({.tenant = TenantId("halle"),
                            .store = StoreId("lyon"),
                            .kind = Kind::profiles,
                            .epoch = Epoch(8),
                            .expires = WallTime(std::chrono::hours(1))},
                           bundle::pack_delta(Epoch(7), base, payload).value(), key)
            .value();
    ASSERT_TRUE(cache.keep(Kind::profiles, package.manifest, payload));
    const std::array<bundle::PublicKey, 1> trusted{key.public_key()};
    const auto loaded = cache.load(Kind::profiles, trusted).value();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->payload, payload);
    EXPECT_EQ(loaded->signed_manifest, package.manifest);
    EXPECT_EQ(cache.load(Kind::profiles, {}).error().code, ErrorCode::denied);
    EXPECT_TRUE(std::filesystem::exists(folder / "profiles.refused"));
    ASSERT_TRUE(cache.keep(Kind::profiles, package.manifest, base));
    EXPECT_EQ(cache.load(Kind::profiles, trusted).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace vitrine::daemon
