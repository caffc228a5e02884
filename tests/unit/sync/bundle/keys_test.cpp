#include "sync/bundle/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace vitrine::bundle {
namespace {

class Keys : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "keys-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    std::filesystem::path folder_;
};

// RFC 8032, section 7.1, test 2.
TEST_F(Keys, SignAsPublished) {
    const auto seed =
        fixed_from_hex<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    const SecretKey key = SecretKey::from_seed(seed.value());
    EXPECT_EQ(to_hex(key.public_key()),
              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const Bytes message{0x72};
    const auto signature = key.sign(message);
    EXPECT_EQ(to_hex(signature),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(verify(key.public_key(), message, signature));
    EXPECT_FALSE(verify(key.public_key(), Bytes{0x73}, signature));
}

TEST_F(Keys, AreReadBackFromTheirFile) {
    const SecretKey key = SecretKey::generate();
    ASSERT_TRUE(key.keep(path("a.key")));
    struct stat status {};
    ASSERT_EQ(stat(path("a.key").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const auto loaded = SecretKey::load(path("a.key"));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->public_key(), key.public_key());
}

TEST_F(Keys, AreNeverOverwritten) {
    ASSERT_TRUE(SecretKey::generate().keep(path("a.key")));
    EXPECT_EQ(SecretKey::generate().keep(path("a.key")).error().code, ErrorCode::conflict);
}

TEST_F(Keys, ThatOthersMayReadAreRefused) {
    ASSERT_TRUE(SecretKey::generate().keep(path("a.key")));
    ASSERT_EQ(chmod(path("a.key").c_str(), 0644), 0);
    EXPECT_EQ(SecretKey::load(path("a.key")).error().code, ErrorCode::denied);
}

TEST_F(Keys, ErrorsNameTheFile) {
    EXPECT_EQ(SecretKey::load(path("none")).error().code, ErrorCode::not_found);
    const PublicKey key = SecretKey::generate().public_key();
    ASSERT_TRUE(keep_public_key(key, path("a.pub")));
    EXPECT_EQ(load_public_key(path("a.pub")).value(), key);
    EXPECT_EQ(truncate(path("a.pub").c_str(), 10), 0);
    EXPECT_NE(load_public_key(path("a.pub")).error().message.find(path("a.pub")),
              std::string::npos);
}

TEST_F(Keys, GeneratedOnesDiffer) {
    EXPECT_NE(SecretKey::generate().public_key(), SecretKey::generate().public_key());
}

TEST_F(Keys, AMovedKeyLeavesNothingBehind) {
    SecretKey key = SecretKey::generate();
    const PublicKey known = key.public_key();
    const SecretKey moved = std::move(key);
    EXPECT_EQ(moved.public_key(), known);
    EXPECT_EQ(key.public_key(), PublicKey{});  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace vitrine::bundle
