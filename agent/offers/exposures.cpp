#include "agent/offers/exposures.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "agent/offers/packing.hpp"

namespace vitrine::offers {

namespace {

constexpr std::uint8_t kVersion = 2;
/// How many members make room at once, so that a full table is not searched for each newcomer.
constexpr std::size_t kRoom = Exposures::kMembersMax / 32;

template <class Number>
void increase(Number& count) {
    if (count < std::numeric_limits<Number>::max()) ++count;
}

template <class Item, class Id>
auto place_of(std::vector<Item>& sorted, Id Item::*key, Id wanted) {
    return std::lower_bound(sorted.begin(), sorted.end(), wanted,
                            [key](const Item& item, Id id) { return item.*key < id; });
}

void drop_least_recent(std::vector<Exposure::Count>& offers) {
    const auto oldest = std::min_element(
        offers.begin(), offers.end(), [](const Exposure::Count& one, const Exposure::Count& other) {
            const bool one_counts = one.dismissed || one.taken_day != 0;
            const bool other_counts = other.dismissed || other.taken_day != 0;
            return std::tie(one_counts, one.last_day, one.offer) <
                   std::tie(other_counts, other.last_day, other.offer);
        });
    offers.erase(oldest);
}

Exposure::Count& count_of(Exposure& exposure, OfferId offer) {
    auto place = place_of(exposure.offers, &Exposure::Count::offer, offer);
    if (place != exposure.offers.end() && place->offer == offer) return *place;
    if (exposure.offers.size() >= Exposure::kOffersMax) {
        drop_least_recent(exposure.offers);
        place = place_of(exposure.offers, &Exposure::Count::offer, offer);
    }
    return *exposure.offers.insert(place, {.offer = offer});
}

void turn_day(Exposure& exposure, std::int32_t today) {
    if (exposure.counts_for(today)) return;
    exposure.day = today;
    exposure.decisions_today = 0;
    exposure.categories.clear();
    for (Exposure::Count& count : exposure.offers) count.today = 0;
}

}  // namespace

const Exposure::Count* Exposure::of(OfferId offer) const {
    const auto place =
        std::lower_bound(offers.begin(), offers.end(), offer,
                         [](const Count& count, OfferId id) { return count.offer < id; });
    return place != offers.end() && place->offer == offer ? &*place : nullptr;
}

const Exposure& Exposures::of(MemberId member) const {
    static const Exposure kNone;
    const auto known = members_.find(member);
    return known == members_.end() ? kNone : known->second;
}

Exposure& Exposures::at(MemberId member, WallTime now) {
    const auto known = members_.find(member);
    if (known == members_.end() && members_.size() >= kMembersMax) make_room();
    Exposure& exposure = known == members_.end() ? members_[member] : known->second;
    turn_day(exposure, day_of(now));
    return exposure;
}

void Exposures::make_room() {
    std::vector<std::pair<std::int32_t, MemberId>> by_day;
    by_day.reserve(members_.size());
    for (const auto& [member, exposure] : members_) by_day.emplace_back(exposure.day, member);
    const auto end = by_day.begin() + static_cast<std::ptrdiff_t>(kRoom);
    std::nth_element(by_day.begin(), end, by_day.end());
    for (auto each = by_day.begin(); each != end; ++each) members_.erase(each->second);
}

void Exposures::shown(MemberId member, OfferId offer, CategoryId category, WallTime now) {
    Exposure& exposure = at(member, now);
    Exposure::Count& count = count_of(exposure, offer);
    increase(count.total);
    increase(count.today);
    increase(count.unopened);
    count.last_day = exposure.day;
    const auto place = place_of(exposure.categories, &Exposure::CategoryCount::category, category);
    if (place != exposure.categories.end() && place->category == category) {
        increase(place->today);
    } else if (exposure.categories.size() < Exposure::kOffersMax) {
        exposure.categories.insert(place, {.category = category, .today = 1});
    }
}

void Exposures::decided(MemberId member, WallTime now) {
    increase(at(member, now).decisions_today);
}

void Exposures::dismissed(MemberId member, OfferId offer, WallTime now, std::uint8_t before_quiet,
                          std::chrono::minutes quiet) {
    Exposure& exposure = at(member, now);
    Exposure::Count& count = count_of(exposure, offer);
    count.dismissed = true;
    count.last_day = exposure.day;
    increase(exposure.dismissals_in_row);
    if (before_quiet == 0 || exposure.dismissals_in_row < before_quiet) return;
    exposure.dismissals_in_row = 0;
    exposure.quiet_until = std::max(exposure.quiet_until, now + quiet);
}

void Exposures::opened(MemberId member, OfferId offer) {
    const auto known = members_.find(member);
    if (known == members_.end()) return;
    Exposure& exposure = known->second;
    exposure.dismissals_in_row = 0;
    const auto place = place_of(exposure.offers, &Exposure::Count::offer, offer);
    if (place != exposure.offers.end() && place->offer == offer) place->unopened = 0;
}

void Exposures::taken(MemberId member, OfferId offer, WallTime now) {
    Exposure& exposure = at(member, now);
    Exposure::Count& count = count_of(exposure, offer);
    count.unopened = 0;
    count.last_day = exposure.day;
    count.taken_day = exposure.day;
}

void Exposures::forget(MemberId member) { members_.erase(member); }

Bytes Exposures::encode(MemberId member) const {
    const Exposure& exposure = of(member);
    Packer packer(kVersion);
    packer.signed_number(exposure.day);
    packer.number(exposure.decisions_today);
    packer.number(exposure.dismissals_in_row);
    packer.signed_number(exposure.quiet_until.time_since_epoch().count());
    packer.number(exposure.offers.size());
    for (const Exposure::Count& count : exposure.offers) {
        packer.number(count.offer.value());
        packer.number(count.total);
        packer.number(std::uint64_t{count.today} << 1 | (count.dismissed ? 1U : 0U));
        packer.number(count.unopened);
        packer.signed_number(count.last_day);
        packer.signed_number(count.taken_day);
    }
    packer.number(exposure.categories.size());
    for (const Exposure::CategoryCount& count : exposure.categories) {
        packer.number(count.category.value());
        packer.number(count.today);
    }
    return std::move(packer).finish();
}

namespace {

std::int32_t read_day(Unpacker& unpacker) {
    const std::int64_t day = unpacker.signed_number();
    if (day < std::numeric_limits<std::int32_t>::min() ||
        day > std::numeric_limits<std::int32_t>::max()) {
        unpacker.fail();
    }
    return static_cast<std::int32_t>(day);
}

void read_offers(Unpacker& unpacker, Exposure& exposure) {
    const std::uint64_t size = unpacker.number(Exposure::kOffersMax);
    for (std::uint64_t i = 0; i < size && unpacker.good(); ++i) {
        Exposure::Count count;
        count.offer = OfferId(static_cast<std::uint32_t>(unpacker.number(0xffffffffU)));
        count.total = static_cast<std::uint16_t>(unpacker.number(0xffff));
        const std::uint64_t today = unpacker.number(0x1ff);
        count.today = static_cast<std::uint8_t>(today >> 1);
        count.dismissed = (today & 1) != 0;
        count.unopened = static_cast<std::uint8_t>(unpacker.number(0xff));
        count.last_day = read_day(unpacker);
        count.taken_day = read_day(unpacker);
        if (!exposure.offers.empty() && !(exposure.offers.back().offer < count.offer)) {
            unpacker.fail();
        }
        exposure.offers.push_back(count);
    }
}

void read_categories(Unpacker& unpacker, Exposure& exposure) {
    const std::uint64_t size = unpacker.number(Exposure::kOffersMax);
    for (std::uint64_t i = 0; i < size && unpacker.good(); ++i) {
        Exposure::CategoryCount count;
        count.category = CategoryId(static_cast<std::uint16_t>(unpacker.number(0xffff)));
        count.today = static_cast<std::uint8_t>(unpacker.number(0xff));
        if (!exposure.categories.empty() &&
            !(exposure.categories.back().category < count.category)) {
            unpacker.fail();
        }
        exposure.categories.push_back(count);
    }
}

}  // namespace

Result<void> Exposures::restore(MemberId member, ByteView bytes) {
    Unpacker unpacker(bytes, kVersion);
    Exposure exposure;
    exposure.day = read_day(unpacker);
    exposure.decisions_today = static_cast<std::uint8_t>(unpacker.number(0xff));
    exposure.dismissals_in_row = static_cast<std::uint8_t>(unpacker.number(0xff));
    exposure.quiet_until = WallTime(std::chrono::milliseconds(unpacker.signed_number()));
    read_offers(unpacker, exposure);
    read_categories(unpacker, exposure);
    if (!unpacker.complete()) return corrupt("a member's exposures do not read back");
    if (!members_.contains(member) && members_.size() >= kMembersMax) make_room();
    members_[member] = std::move(exposure);
    return {};
}

}  // namespace vitrine::offers
