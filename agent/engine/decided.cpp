#include "agent/engine/decided.hpp"

#include <algorithm>

namespace vitrine::engine {

namespace {

using consent::Consents;
using consent::State;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kStateBytes = 4 + 4 + 1 + 8;
constexpr std::size_t kMemoBytes = 1 + consent::kPurposes.size() * kStateBytes + 8;

void put(Bytes& bytes, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

std::uint64_t take(ByteView& bytes, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    bytes = bytes.subspan(size);
    return value;
}

std::uint64_t number_of(WallTime time) {
    return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

WallTime time_of(std::uint64_t number) {
    return WallTime(WallTime::duration(static_cast<WallTime::rep>(number)));
}

}  // namespace

Decided::Entry& Decided::entry_of(MemberId member) {
    const auto known = members_.find(member);
    if (known != members_.end()) return known->second;
    if (members_.size() >= kMembersMax) {
        const auto oldest = std::ranges::min_element(
            members_, {}, [](const auto& each) { return each.second.order; });
        crowded_out_.push_back(oldest->first);
        members_.erase(oldest);
    }
    Entry& made = members_[member];
    made.order = next_order_++;
    return made;
}

void Decided::add(MemberId member, const Consents& news) {
    Entry& entry = entry_of(member);
    entry.consents = join(entry.consents, news);
}

void Decided::resume(MemberId member, std::optional<WallTime> at) {
    if (const auto known = members_.find(member); known != members_.end()) {
        known->second.resume_at = at;
    }
}

void Decided::forget(MemberId member) { members_.erase(member); }

bool Decided::known_by(MemberId member, const Consents& bundle) const {
    const auto known = members_.find(member);
    if (known == members_.end()) return false;
    return !known->second.resume_at && join(bundle, known->second.consents) == bundle;
}

std::vector<MemberId> Decided::due(WallTime now) const {
    std::vector<MemberId> due;
    for (const auto& [member, entry] : members_) {
        if (entry.resume_at && now >= *entry.resume_at) due.push_back(member);
    }
    return due;
}

std::optional<Bytes> Decided::encode(MemberId member) const {
    const auto known = members_.find(member);
    if (known == members_.end()) return std::nullopt;
    Bytes bytes{kVersion};
    for (const State& state : known->second.consents.states) {
        put(bytes, state.withdrawal, 4);
        put(bytes, state.grant, 4);
        put(bytes, (state.paused ? 1U : 0U) | (state.granted ? 2U : 0U), 1);
        put(bytes, number_of(state.valid_until), 8);
    }
    put(bytes, number_of(known->second.resume_at.value_or(WallTime::max())), 8);
    return bytes;
}

Result<Consents> Decided::restore(MemberId member, ByteView memo) {
    if (memo.size() != kMemoBytes || memo[0] != kVersion) {
        return corrupt("not a memo of decided consents");
    }
    memo = memo.subspan(1);
    Consents consents;
    for (State& state : consents.states) {
        state.withdrawal = static_cast<std::uint32_t>(take(memo, 4));
        state.grant = static_cast<std::uint32_t>(take(memo, 4));
        const std::uint64_t flags = take(memo, 1);
        if (flags > 3) return corrupt("a memo of decided consents with unknown flags");
        state.paused = (flags & 1) != 0;
        state.granted = (flags & 2) != 0;
        state.valid_until = time_of(take(memo, 8));
    }
    add(member, consents);
    const WallTime at = time_of(take(memo, 8));
    resume(member, at == WallTime::max() ? std::nullopt : std::optional(at));
    return consents;
}

}  // namespace vitrine::engine
