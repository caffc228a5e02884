#include "agent/offers/rewards.hpp"

#include <algorithm>
#include <bit>

#include "agent/offers/layout.hpp"
#include "agent/offers/packing.hpp"

namespace vitrine::offers {

namespace {

using profiles::Reward;

constexpr std::uint8_t kVersion = 1;
constexpr std::chrono::hours kWindowMax{2160};  // As the catalogue allows.

/// The last day on which the member bought anything that the offer covers; 0: never.
std::int32_t last_bought(const profiles::Offer& offer, const profiles::Profile& profile,
                         const profiles::Catalogue& catalogue) {
    std::int32_t day = 0;
    if (!offer.products.empty()) {
        for (const profiles::ProductHabit& habit : profile.products) {
            if (!std::ranges::binary_search(offer.products, habit.product)) continue;
            day = std::max(day, habit.last_bought_day);
        }
        return day;
    }
    for (const profiles::Habit& habit : profile.habits) {
        // The categories above one cover it.
        CategoryId at = habit.category;
        for (int depth = 0; at != CategoryId{} && depth < 16; ++depth) {
            if (at == offer.category || std::ranges::binary_search(offer.also, at)) {
                day = std::max(day, habit.last_bought_day);
                break;
            }
            const profiles::Category* category = catalogue.category(at);
            at = category == nullptr ? CategoryId{} : category->parent;
        }
    }
    return day;
}

bool covers(const profiles::Offer& offer, ProductId product,
            std::span<const CategoryId> categories) {
    if (!offer.products.empty()) return std::ranges::binary_search(offer.products, product);
    return std::ranges::any_of(categories, [&](CategoryId each) {
        return each == offer.category || std::ranges::binary_search(offer.also, each);
    });
}

WallTime read_time(Unpacker& unpacker) {
    constexpr std::int64_t kEnd = std::int64_t{1} << 52;
    const std::int64_t ms = unpacker.signed_number();
    if (ms < -kEnd || ms > kEnd) unpacker.fail();
    return WallTime(std::chrono::milliseconds(unpacker.good() ? ms : 0));
}

}  // namespace

bool Rewards::shown(const profiles::Profile& profile, const profiles::Catalogue& catalogue,
                    const Example& example, WallTime now) {
    const profiles::Offer* const found = catalogue.offer(example.offer);
    if (found == nullptr || example.size != layout::kWeights) return false;
    const profiles::Offer& offer = *found;
    if (!is_delayed(offer.reward)) return false;
    const MemberId member = profile.member;
    const auto known = members_.find(member);
    if (known == members_.end() && members_.size() >= kMembersMax) {
        members_.erase(members_.begin());
    }
    List& list = members_[member];
    if (std::ranges::find(list, offer.id, &Waiting::offer) != list.end()) return false;
    if (list.size() >= kPerMember) list.erase(list.begin());
    Waiting waiting{.offer = offer.id,
                    .reward = offer.reward,
                    .shown = now,
                    .until = now + std::chrono::hours(offer.reward_window_hours),
                    .bought_before_day = last_bought(offer, profile, catalogue),
                    .category = example.category,
                    .top = example.top};
    for (std::size_t i = 0; i < layout::kWeights; ++i) {
        if (example.features[i] == 0) continue;
        waiting.index.push_back(static_cast<std::uint8_t>(i));
        waiting.value.push_back(example.features[i]);
    }
    list.push_back(std::move(waiting));
    return true;
}

Outcome Rewards::settle(MemberId member, const Waiting& waiting, bool positive) {
    Outcome outcome{.member = member, .positive = positive, .correction = waiting.failed};
    outcome.example = {.offer = waiting.offer,
                       .category = waiting.category,
                       .top = waiting.top,
                       .size = layout::kWeights};
    for (std::size_t i = 0; i < waiting.index.size(); ++i) {
        outcome.example.features[waiting.index[i]] = waiting.value[i];
    }
    return outcome;
}

/// Takes out those that succeeded, in the order of showing.
template <class Succeeds>
std::vector<Outcome> Rewards::succeed(MemberId member, WallTime now, Succeeds succeeds) {
    std::vector<Outcome> outcomes;
    const auto known = members_.find(member);
    if (known == members_.end()) return outcomes;
    std::erase_if(known->second, [&](const Waiting& waiting) {
        if (now >= waiting.forgotten_at() || !succeeds(waiting)) return false;
        outcomes.push_back(settle(member, waiting, true));
        return true;
    });
    if (known->second.empty()) members_.erase(known);
    return outcomes;
}

std::vector<Outcome> Rewards::claimed(MemberId member, OfferId offer, WallTime now) {
    return succeed(member, now, [&](const Waiting& waiting) {
        return waiting.reward == Reward::claimed && waiting.offer == offer;
    });
}

std::vector<Outcome> Rewards::bought(MemberId member, const profiles::Catalogue& catalogue,
                                     ProductId product, std::span<const CategoryId> categories,
                                     WallTime now) {
    return succeed(member, now, [&](const Waiting& waiting) {
        if (waiting.reward != Reward::bought) return false;
        const profiles::Offer* offer = catalogue.offer(waiting.offer);
        return offer != nullptr && covers(*offer, product, categories);
    });
}

std::vector<Outcome> Rewards::learned(const profiles::Profile& profile,
                                      const profiles::Catalogue& catalogue, WallTime now) {
    return succeed(profile.member, now, [&](const Waiting& waiting) {
        if (waiting.reward != Reward::bought) return false;
        const profiles::Offer* offer = catalogue.offer(waiting.offer);
        if (offer == nullptr) return false;
        const std::int32_t day = last_bought(*offer, profile, catalogue);
        return day >= day_of(waiting.shown) && day > waiting.bought_before_day &&
               day < day_of(waiting.forgotten_at());
    });
}

std::vector<Outcome> Rewards::expire(WallTime now, std::vector<MemberId>& changed) {
    std::vector<Outcome> outcomes;
    for (auto at = members_.begin(); at != members_.end();) {
        auto& [member, list] = *at;
        bool touched = false;
        for (Waiting& waiting : list) {
            if (waiting.failed || now < waiting.until) continue;
            outcomes.push_back(settle(member, waiting, false));
            touched = waiting.failed = true;
        }
        touched =
            std::erase_if(
                list, [&](const Waiting& waiting) { return now >= waiting.forgotten_at(); }) > 0 ||
            touched;
        if (touched) changed.push_back(member);
        at = list.empty() ? members_.erase(at) : std::next(at);
    }
    // The order of a hash table is nobody's business.
    std::ranges::sort(changed);
    std::ranges::stable_sort(outcomes, {}, &Outcome::member);
    return outcomes;
}

std::vector<MemberId> Rewards::members() const {
    std::vector<MemberId> all;
    for (const auto& [member, list] : members_) all.push_back(member);
    std::ranges::sort(all);
    return all;
}

std::size_t Rewards::size() const {
    std::size_t sum = 0;
    for (const auto& [member, list] : members_) sum += list.size();
    return sum;
}

std::optional<Bytes> Rewards::encode(MemberId member) const {
    const auto known = members_.find(member);
    if (known == members_.end()) return std::nullopt;
    Packer packer(kVersion);
    packer.number(layout::kVersion);
    packer.number(known->second.size());
    for (const Waiting& waiting : known->second) {
        packer.number(waiting.offer.value());
        packer.number(static_cast<std::uint64_t>(waiting.reward) << 1 | (waiting.failed ? 1U : 0U));
        packer.signed_number(waiting.shown.time_since_epoch().count());
        packer.signed_number(waiting.until.time_since_epoch().count());
        packer.signed_number(waiting.bought_before_day);
        packer.number(waiting.category.value());
        packer.number(waiting.top.value());
        packer.number(waiting.index.size());
        for (std::size_t i = 0; i < waiting.index.size(); ++i) {
            packer.number(waiting.index[i]);
            packer.number(std::bit_cast<std::uint32_t>(waiting.value[i]));
        }
    }
    return std::move(packer).finish();
}

Result<void> Rewards::restore(MemberId member, ByteView bytes) {
    Unpacker unpacker(bytes, kVersion);
    const std::uint64_t layout = unpacker.number();
    if (unpacker.good() && layout != layout::kVersion) return {};
    List list;
    const std::uint64_t size = unpacker.number(kPerMember);
    for (std::uint64_t i = 0; i < size && unpacker.good(); ++i) {
        Waiting waiting;
        waiting.offer = OfferId(static_cast<std::uint32_t>(unpacker.number(0xffffffffU)));
        const std::uint64_t kind = unpacker.number(7);
        waiting.reward = static_cast<Reward>(kind >> 1);
        waiting.failed = (kind & 1) != 0;
        waiting.shown = read_time(unpacker);
        waiting.until = read_time(unpacker);
        if (waiting.until < waiting.shown || waiting.until - waiting.shown > kWindowMax) {
            unpacker.fail();
        }
        waiting.bought_before_day = static_cast<std::int32_t>(unpacker.signed_number());
        waiting.category = CategoryId(static_cast<std::uint16_t>(unpacker.number(0xffff)));
        waiting.top = CategoryId(static_cast<std::uint16_t>(unpacker.number(0xffff)));
        const std::uint64_t features = unpacker.number(layout::kWeights);
        for (std::uint64_t k = 0; k < features && unpacker.good(); ++k) {
            waiting.index.push_back(
                static_cast<std::uint8_t>(unpacker.number(layout::kWeights - 1)));
            const auto bits = static_cast<std::uint32_t>(unpacker.number(0xffffffffU));
            waiting.value.push_back(std::bit_cast<float>(bits));
            if (!(waiting.value.back() >= -4 && waiting.value.back() <= 4)) unpacker.fail();
        }
        list.push_back(std::move(waiting));
    }
    if (!unpacker.complete()) return corrupt("the offers that wait for success do not read back");
    if (!list.empty() && members_.size() < kMembersMax) members_[member] = std::move(list);
    return {};
}

}  // namespace vitrine::offers
