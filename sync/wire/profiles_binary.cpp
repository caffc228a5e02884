#include <limits>

#include "sync/wire/member_binary.hpp"
#include "sync/wire/members.hpp"

namespace vitrine::wire {

namespace {

using profiles::Habit;
using profiles::Level;
using profiles::ProductHabit;
using profiles::Profile;
using profiles::Seen;
using profiles::StaffCard;

constexpr std::uint32_t kMagic = 0x32505456;  // "VTP2"
constexpr std::size_t kFavouritesMax = 16;
constexpr std::size_t kDismissedMax = 64;
constexpr std::size_t kConsentsMax = 2'000'000;

constexpr std::uint8_t kLevelBits = 3;
constexpr std::uint8_t kEnglish = 4;
constexpr std::uint8_t kAgeProven = 8;
constexpr std::uint8_t kForecasts = 16;  ///< What only members at level full have follows.
constexpr std::uint8_t kKnownFlags = kLevelBits | kEnglish | kAgeProven | kForecasts;

template <class Int>
Int read_up_to(ByteReader& in) {
    return static_cast<Int>(in.varint(std::numeric_limits<Int>::max()));
}

std::int32_t read_day(ByteReader& in) {
    const std::int64_t day = in.signed_varint();
    if (day < std::numeric_limits<std::int32_t>::min() ||
        day > std::numeric_limits<std::int32_t>::max()) {
        in.fail("a day beyond its bounds");
        return 0;
    }
    return static_cast<std::int32_t>(day);
}

bool has_forecasts(const Profile& profile) {
    return profile.price_tier != 0 || profile.responses != 0 || profile.churn != 0 ||
           profile.last_web_day != 0 || profile.basket_day != 0 || !profile.basket.empty();
}

void write_forecasts(ByteWriter& out, const Profile& profile) {
    out.real(profile.price_tier);
    out.real(profile.responses);
    out.real(profile.churn);
    out.signed_varint(profile.last_web_day);
    out.signed_varint(profile.basket_day);
    out.varint(profile.basket.size());
    for (const ProductId each : profile.basket) out.varint(each.value());
}

void write_seen(ByteWriter& out, const std::vector<Seen>& seen) {
    out.varint(seen.size());
    for (const Seen& each : seen) {
        out.varint(each.offer.value());
        out.varint(each.total);
        out.signed_varint(each.day);
        out.varint(each.that_day);
    }
}

void write_profile(ByteWriter& out, const Profile& profile) {
    out.fixed64(profile.member.value());
    auto flags = static_cast<std::uint8_t>(profile.level);
    if (profile.language == Language::en) flags |= kEnglish;
    if (profile.age_proven) flags |= kAgeProven;
    if (has_forecasts(profile)) flags |= kForecasts;
    out.byte(flags);
    out.byte(profile.birth_month);
    out.signed_varint(profile.as_of_day);
    out.signed_varint(profile.last_visit_day);
    out.varint(profile.visits_30_days);
    out.varint(profile.spent_90_days_cents);
    if ((flags & kForecasts) != 0) write_forecasts(out, profile);
    out.varint(profile.habits.size());
    for (const Habit& habit : profile.habits) {
        out.varint(habit.category.value());
        out.varint(habit.rhythm_days);
        out.signed_varint(habit.last_bought_day);
        out.real(habit.weight);
    }
    out.varint(profile.products.size());
    for (const ProductHabit& habit : profile.products) {
        out.varint(habit.product.value());
        out.signed_varint(habit.last_bought_day);
        out.real(habit.weight);
    }
    out.varint(profile.favourites.size());
    for (const CategoryId each : profile.favourites) out.varint(each.value());
    out.varint(profile.dismissed.size());
    for (const OfferId each : profile.dismissed) out.varint(each.value());
    write_seen(out, profile.seen_elsewhere);
}

void read_habits(ByteReader& in, Profile& profile) {
    profile.habits.resize(in.count(Profile::kHabitsMax, 7));
    const Habit* before = nullptr;
    for (Habit& habit : profile.habits) {
        habit.category = CategoryId(read_up_to<std::uint16_t>(in));
        habit.rhythm_days = read_up_to<std::uint16_t>(in);
        habit.last_bought_day = read_day(in);
        habit.weight = in.real();
        if (before != nullptr && habit.category <= before->category) {
            in.fail("habits are not in order of category");
        }
        before = &habit;
    }
}

void read_products(ByteReader& in, Profile& profile) {
    profile.products.resize(in.count(Profile::kProductsMax, 6));
    const ProductHabit* before = nullptr;
    for (ProductHabit& habit : profile.products) {
        habit.product = ProductId(read_up_to<std::uint32_t>(in));
        habit.last_bought_day = read_day(in);
        habit.weight = in.real();
        if (before != nullptr && habit.product <= before->product) {
            in.fail("products are not in order");
        }
        before = &habit;
    }
}

float read_within(ByteReader& in, float low, float high, const char* otherwise) {
    const float value = in.real();
    if (value < low || value > high) in.fail(otherwise);
    return value;
}

void read_forecasts(ByteReader& in, Profile& profile) {
    profile.price_tier = read_within(in, -1, 1, "a price tier beyond -1 and 1");
    profile.responses = read_within(in, 0, std::numeric_limits<float>::max(), "responses below 0");
    profile.churn = read_within(in, 0, 1, "a churn beyond 0 and 1");
    profile.last_web_day = read_day(in);
    profile.basket_day = read_day(in);
    profile.basket.resize(in.count(Profile::kBasketMax, 1));
    const ProductId* before = nullptr;
    for (ProductId& each : profile.basket) {
        each = ProductId(read_up_to<std::uint32_t>(in));
        if (before != nullptr && each <= *before) in.fail("a basket is not in order of product");
        before = &each;
    }
    if (!has_forecasts(profile)) in.fail("a profile that is not written the shortest way");
}

void read_seen(ByteReader& in, std::vector<Seen>& seen) {
    seen.resize(in.count(Profile::kSeenMax, 4));
    const Seen* before = nullptr;
    for (Seen& each : seen) {
        each.offer = OfferId(read_up_to<std::uint32_t>(in));
        each.total = read_up_to<std::uint16_t>(in);
        each.day = read_day(in);
        each.that_day = read_up_to<std::uint8_t>(in);
        if (before != nullptr && each.offer <= before->offer) {
            in.fail("what was seen elsewhere is not in order of offer");
        }
        before = &each;
    }
}

Profile read_profile(ByteReader& in) {
    Profile profile;
    profile.member = MemberId(in.fixed64());
    const std::uint8_t flags = in.byte();
    if (flags > kKnownFlags || (flags & kLevelBits) > static_cast<std::uint8_t>(Level::full)) {
        in.fail("a profile with unknown flags");
    }
    profile.level = static_cast<Level>(flags & kLevelBits);
    profile.language = (flags & kEnglish) != 0 ? Language::en : Language::fr;
    profile.age_proven = (flags & kAgeProven) != 0;
    profile.birth_month = in.byte();
    if (profile.birth_month > 12) in.fail("a month beyond 12");
    profile.as_of_day = read_day(in);
    profile.last_visit_day = read_day(in);
    profile.visits_30_days = read_up_to<std::uint16_t>(in);
    profile.spent_90_days_cents = read_up_to<std::uint32_t>(in);
    if ((flags & kForecasts) != 0) read_forecasts(in, profile);
    read_habits(in, profile);
    read_products(in, profile);
    profile.favourites.resize(in.count(kFavouritesMax, 1));
    for (CategoryId& each : profile.favourites) each = CategoryId(read_up_to<std::uint16_t>(in));
    profile.dismissed.resize(in.count(kDismissedMax, 1));
    for (OfferId& each : profile.dismissed) each = OfferId(read_up_to<std::uint32_t>(in));
    read_seen(in, profile.seen_elsewhere);
    return profile;
}

void write_card(ByteWriter& out, const StaffCard& card) {
    out.fixed64(card.member.value());
    out.text(card.calls_me);
    out.text(card.wishes);
}

StaffCard read_card(ByteReader& in) {
    const MemberId member(in.fixed64());
    std::string calls_me = in.text(kStaffTextBytesMax);
    return {
        .member = member, .calls_me = std::move(calls_me), .wishes = in.text(kStaffTextBytesMax)};
}

void write_member_consents(ByteWriter& out, const ProfilesBundle::MemberConsents& consents) {
    out.fixed64(consents.member.value());
    write_consents(out, consents.consents);
}

ProfilesBundle::MemberConsents read_member_consents(ByteReader& in) {
    const MemberId member(in.fixed64());
    return {.member = member, .consents = read_consents(in)};
}

template <class Item>
void write_all(ByteWriter& out, const std::vector<Item>& items,
               void (*write)(ByteWriter&, const Item&)) {
    out.varint(items.size());
    for (const Item& item : items) write(out, item);
}

/// What a list's elements are limited to.
struct ListLimits {
    std::size_t count_max;
    std::size_t bytes_each;  ///< The smallest one's.
};

template <class Item>
Result<std::vector<Item>> read_all(ByteReader& in, ListLimits limits, Item (*read)(ByteReader&),
                                   std::string_view name) {
    std::vector<Item> items;
    const std::size_t count = in.count(limits.count_max, limits.bytes_each);
    MemberId before;
    for (std::size_t i = 0; i < count; ++i) {
        items.push_back(read(in));
        if (items.back().member <= before) in.fail("not in order of member, each once");
        if (!in.ok()) break;
        before = items.back().member;
    }
    if (!in.ok()) {
        const std::size_t last = items.empty() ? 0 : items.size() - 1;
        return in.error().within(std::string(name) + "[" + std::to_string(last) + "]");
    }
    return items;
}

/// The bundle's own bounds are those of its reader.
Result<Bytes> readable(Bytes bytes) {
    const Result<ProfilesBundle> read_back = decode_profiles(bytes);
    if (!read_back) return read_back.error();
    return bytes;
}

}  // namespace

Result<Bytes> encode_profiles(const ProfilesBundle& bundle) {
    ByteWriter out;
    out.fixed32(kMagic);
    out.varint(bundle.epoch.value());
    write_all(out, bundle.profiles, &write_profile);
    write_all(out, bundle.cards, &write_card);
    write_all(out, bundle.consents, &write_member_consents);
    return readable(out.take());
}

Result<ProfilesBundle> decode_profiles(ByteView bytes) {
    ByteReader in(bytes);
    expect_magic(in, kMagic);
    ProfilesBundle bundle;
    bundle.epoch = Epoch(in.varint());
    constexpr ListLimits profiles{profiles::ProfileBook::kProfilesMax, 19};
    constexpr ListLimits cards{profiles::ProfileBook::kProfilesMax, 10};
    constexpr ListLimits consents{kConsentsMax, 8 + consent::kPurposes.size()};
    bundle.profiles = TRY(read_all(in, profiles, &read_profile, "profiles"));
    bundle.cards = TRY(read_all(in, cards, &read_card, "cards"));
    bundle.consents = TRY(read_all(in, consents, &read_member_consents, "consents"));
    const Result<void> finished = in.finish();
    if (!finished) return finished.error();
    return bundle;
}

}  // namespace vitrine::wire
