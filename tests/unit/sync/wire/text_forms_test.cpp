// The small forms that the larger ones are made of.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string_view>

#include "sync/wire/base64.hpp"
#include "sync/wire/binary.hpp"
#include "sync/wire/compress.hpp"
#include "sync/wire/rfc3339.hpp"
#include "tests/unit/sync/wire/any_record.hpp"

namespace vitrine::wire {
namespace {

RC_GTEST_PROP(TimeLaws, ReadsBackWhatItWrote, ()) {
    const WallTime time = any::time();
    RC_ASSERT(parse_time(format_time(time).value()).value() == time);
}

TEST(Time, IsReadByRfc3339) {
    const auto ms = [](std::string_view text) {
        const auto time = parse_time(text);
        return time ? time->time_since_epoch().count() : -1;
    };
    EXPECT_EQ(ms("1970-01-01T00:00:01Z"), 1000);
    EXPECT_EQ(ms("1970-01-01t01:00:00.5+01:00"), 500);
    EXPECT_EQ(ms("1969-12-31T23:00:00.123456-01:00"), 123);
    EXPECT_EQ(ms("2000-02-29T00:00:00Z"), 951'782'400'000);
    constexpr std::array<std::string_view, 14> wrong{
        "",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-11-30",
        "2026-11-30 00:00:00Z",
        "2026-11-30T00:00:00",
        "2026-11-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-11-30T24:00:00Z",
        "2026-11-30T23:59:60Z",
        "2026-11-30T00:00:00.Z",
        "2026-11-30T00:00:00Z ",
        "2026-11-30T00:00:00+0100",
    };
    for (const auto text : wrong) EXPECT_FALSE(parse_time(text)) << text;
    EXPECT_FALSE(format_time(WallTime::max()));
    EXPECT_FALSE(format_time(WallTime::min()));
}

// RFC 4648, section 10.
TEST(Base64, IsAsPublished) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> vectors{
        {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(view_of(plain)), encoded);
        EXPECT_EQ(text_of(from_base64(encoded).value()), plain);
    }
    for (const std::string_view wrong :
         {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9_"}) {
        EXPECT_FALSE(from_base64(wrong)) << wrong;
    }
}

RC_GTEST_PROP(Base64Laws, ReadsBackWhatItWrote, (const std::vector<std::uint8_t>& bytes)) {
    RC_ASSERT(from_base64(to_base64(bytes)).value() == bytes);
}

RC_GTEST_PROP(VarintLaws, ReadBackWhatWasWritten,
              (std::uint64_t number, std::int64_t signed_number)) {
    ByteWriter out;
    out.varint(number);
    out.signed_varint(signed_number);
    ByteReader in(out.bytes());
    RC_ASSERT(in.varint() == number);
    RC_ASSERT(in.signed_varint() == signed_number);
    RC_ASSERT(in.finish().has_value());
}

TEST(Varint, HasOneFormOnly) {
    const auto read = [](const Bytes& bytes) {
        ByteReader in(bytes);
        in.varint();
        return in.ok();
    };
    EXPECT_TRUE(read({0x80, 0x01}));
    EXPECT_FALSE(read({0x80, 0x00}));
    EXPECT_FALSE(read({0x80}));
    EXPECT_TRUE(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
    EXPECT_FALSE(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}));
}

TEST(Utf8, KnowsWhatIsWellFormed) {
    for (const std::string_view good : {"", "a", "é", "日", "😀", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const std::string_view bad : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff"}) {
        EXPECT_FALSE(is_utf8(bad));
    }
}

RC_GTEST_PROP(CompressLaws, ReadsBackWhatItWrote, (const std::vector<std::uint8_t>& bytes)) {
    const Bytes frame = compress(bytes, 1);
    RC_ASSERT(decompress(frame, bytes.size()).value() == bytes);
    if (!bytes.empty()) RC_ASSERT(!decompress(frame, bytes.size() - 1).has_value());
}

}  // namespace
}  // namespace vitrine::wire
