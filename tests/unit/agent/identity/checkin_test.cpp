#include "agent/identity/checkin.hpp"

#include <gtest/gtest.h>

#include "tests/unit/agent/identity/members.hpp"

namespace vitrine::identity {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kWindow = 128LL * 30'000 + 40;
const KioskId kKiosk("entrance");

Instant at(std::chrono::seconds since_boot) { return instant_at(since_boot); }

Nonce nonce(std::uint8_t fill) {
    Nonce bytes{};
    bytes.fill(fill);
    return bytes;
}

/// A store with member 1, and the app's side of a check-in.
struct Shop {
    RecognitionTable table;
    ChallengeBook book;

    Shop() {
        EXPECT_TRUE(table.load(std::vector{keys_of(1, 29'999, 3)}));
        table.turn(wall_in_window(kWindow));
        finish(table);
    }

    static CheckIn claim(const Nonce& challenge, std::int64_t window = kWindow) {
        const auto number = static_cast<std::uint32_t>(window);
        const TemporaryKey key = temporary_key(identity_key(1), period_of_window(number));
        return {challenge, sent(1, window), number, answer_to(key, challenge, kKiosk, number)};
    }
};

// HMAC-SHA256 of the documented input, made with `openssl mac -digest SHA256 -macopt hexkey:…`.
TEST(CheckIn, SignsNonceKioskAndWindow) {
    TemporaryKey key;
    key.bytes.fill(0x0b);
    const Answer answer = answer_to(key, nonce(0x01), KioskId("a"), 0x01020304);
    EXPECT_EQ(to_hex(answer), "bf5d13c245b3b8eb3b2927960e418707a08e4107fb56d5840929567ef11969b6");
    EXPECT_TRUE(answers(answer, key, nonce(0x01), KioskId("a"), 0x01020304));
    EXPECT_FALSE(answers(answer, key, nonce(0x02), KioskId("a"), 0x01020304));
    EXPECT_FALSE(answers(answer, key, nonce(0x01), KioskId("b"), 0x01020304));
    EXPECT_FALSE(answers(answer, key, nonce(0x01), KioskId("a"), 0x01020305));
}

TEST(ChallengeBook, SaysWhereAnOpenChallengeWasGiven) {
    ChallengeBook book;
    ASSERT_TRUE(book.open(nonce(1), kKiosk, at(0s)));
    EXPECT_EQ(book.kiosk_of(nonce(1), at(299s)), kKiosk);
    EXPECT_FALSE(book.kiosk_of(nonce(2), at(0s)).has_value());
    EXPECT_FALSE(book.kiosk_of(nonce(1), at(301s)).has_value());
    ASSERT_TRUE(book.take(nonce(1), at(10s)));
    EXPECT_FALSE(book.kiosk_of(nonce(1), at(10s)).has_value());
}

TEST(CheckIn, ProvesMemberAndKioskOnce) {
    Shop shop;
    ASSERT_TRUE(shop.book.open(nonce(1), kKiosk, at(0s)));
    const CheckIn claim = Shop::claim(nonce(1));
    EXPECT_EQ(*check_in(shop.book, shop.table, claim, at(10s)), (CheckedIn{MemberId(1), kKiosk}));
    EXPECT_EQ(check_in(shop.book, shop.table, claim, at(11s)).error().code, ErrorCode::not_found);
}

TEST(CheckIn, WorksForFiveMinutes) {
    Shop shop;
    ASSERT_TRUE(shop.book.open(nonce(1), kKiosk, at(0s)));
    ASSERT_TRUE(shop.book.open(nonce(2), kKiosk, at(0s)));
    EXPECT_TRUE(check_in(shop.book, shop.table, Shop::claim(nonce(1)), at(300s)));
    EXPECT_FALSE(check_in(shop.book, shop.table, Shop::claim(nonce(2)), at(301s)));
    EXPECT_EQ(shop.book.size(), 0U);
}

TEST(CheckIn, ForgivesAPhoneClockThatIsOneWindowOff) {
    Shop shop;
    for (const std::int64_t offset : {-1, 1}) {
        ASSERT_TRUE(shop.book.open(nonce(1), kKiosk, at(0s)));
        EXPECT_TRUE(
            check_in(shop.book, shop.table, Shop::claim(nonce(1), kWindow + offset), at(1s)));
    }
    for (const std::int64_t offset : {-2, 2}) {
        ASSERT_TRUE(shop.book.open(nonce(1), kKiosk, at(0s)));
        CheckIn claim = Shop::claim(nonce(1), kWindow + offset);
        claim.eid = sent(1, kWindow);
        EXPECT_EQ(check_in(shop.book, shop.table, claim, at(1s)).error().code, ErrorCode::denied);
    }
}

TEST(CheckIn, RefusesAnAnswerForAnotherKioskOrWithOneBitWrongAndUsesTheChallengeUp) {
    Shop shop;
    ASSERT_TRUE(shop.book.open(nonce(1), KioskId("exit"), at(0s)));
    EXPECT_EQ(check_in(shop.book, shop.table, Shop::claim(nonce(1)), at(1s)).error().code,
              ErrorCode::denied);
    ASSERT_TRUE(shop.book.open(nonce(2), kKiosk, at(0s)));
    CheckIn claim = Shop::claim(nonce(2));
    claim.answer[31] ^= 1;
    EXPECT_EQ(check_in(shop.book, shop.table, claim, at(1s)).error().code, ErrorCode::denied);
    claim.answer[31] ^= 1;
    EXPECT_EQ(check_in(shop.book, shop.table, claim, at(1s)).error().code, ErrorCode::not_found);
}

TEST(CheckIn, RefusesARemovedMemberAndAStranger) {
    Shop shop;
    ASSERT_TRUE(shop.book.open(nonce(1), kKiosk, at(0s)));
    CheckIn stranger = Shop::claim(nonce(1));
    stranger.eid = sent(2, kWindow);
    EXPECT_EQ(check_in(shop.book, shop.table, stranger, at(1s)).error().code, ErrorCode::denied);
    ASSERT_TRUE(shop.book.open(nonce(2), kKiosk, at(0s)));
    shop.table.remove(MemberId(1));
    EXPECT_EQ(check_in(shop.book, shop.table, Shop::claim(nonce(2)), at(1s)).error().code,
              ErrorCode::denied);
}

TEST(ChallengeBook, RefusesTheSameNonceTwice) {
    ChallengeBook book;
    ASSERT_TRUE(book.open(nonce(1), kKiosk, at(0s)));
    EXPECT_EQ(book.open(nonce(1), kKiosk, at(1s)).error().code, ErrorCode::conflict);
}

TEST(ChallengeBook, LetsABusyKioskPushOutOnlyItsOwn) {
    ChallengeBook book(4);
    ASSERT_TRUE(book.open(nonce(100), KioskId("quiet"), at(0s)));
    for (std::uint8_t i = 0; i < 50; ++i) {
        ASSERT_TRUE(book.open(nonce(i), KioskId("busy"), at(std::chrono::seconds(1 + i))));
    }
    EXPECT_EQ(book.size(), 4U);
    EXPECT_TRUE(book.take(nonce(100), at(60s)));
    EXPECT_TRUE(book.take(nonce(49), at(60s)));
    EXPECT_FALSE(book.take(nonce(46), at(60s)));
}

}  // namespace
}  // namespace vitrine::identity
