#include "agent/identity/table.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "agent/base/check.hpp"
#include "agent/identity/eid_cipher.hpp"

namespace vitrine::identity {
namespace {

// 0.78 full: a stranger's look-up reads 11 slots on average, which are one or two cache lines, and
// three windows of a million members take 46 MB.
constexpr std::size_t kFullPercent = 78;

constexpr std::uint32_t kIndexMask = 0x3fff'ffff;
/// Index of an EID that two members share.
constexpr std::uint32_t kAmbiguous = kIndexMask;
static_assert(RecognitionTable::kMembersMax < kAmbiguous);

/// Members whose EIDs are computed before they are put into the table.
constexpr std::size_t kGroup = 32;

constexpr std::uint32_t tag_of(std::uint32_t window) { return window & 3; }
constexpr std::uint8_t bit_of(std::uint32_t window) {
    return static_cast<std::uint8_t>(1U << tag_of(window));
}
constexpr std::uint8_t bits_around(std::uint32_t window) {
    return static_cast<std::uint8_t>(bit_of(window - 1) | bit_of(window) | bit_of(window + 1));
}

std::uint64_t number_of(const std::uint8_t* eid) {
    std::uint64_t number = 0;
    std::memcpy(&number, eid, sizeof number);
    return number;
}

constexpr std::uint32_t pack_horizon(std::uint32_t first_period, std::size_t periods) {
    return first_period << 8 | static_cast<std::uint32_t>(periods);
}
constexpr std::uint32_t first_period_of(std::uint32_t horizon) { return horizon >> 8; }
constexpr bool covers(std::uint32_t horizon, std::uint32_t period) {
    const std::uint32_t first = first_period_of(horizon);
    return period >= first && period - first < (horizon & 0xff);
}

std::string named(MemberId member) { return "member " + to_text(member); }

Result<void> check(const MemberKeys& member) {
    if (member.member == MemberId()) return invalid("member 0 is nobody");
    if (member.keys.empty()) return invalid(named(member.member) + " has no keys");
    if (member.keys.size() > RecognitionTable::kHorizonMax) {
        return invalid(named(member.member) + " has keys for more than " +
                       std::to_string(RecognitionTable::kHorizonMax) + " periods");
    }
    if (member.first_period > 0xffff || member.first_period + member.keys.size() > 0x1'0000) {
        return invalid(named(member.member) + " has keys beyond the last period of 16 bits");
    }
    return {};
}

}  // namespace

/// The windows of one fill that fall into one period, so that each member's key is set once for
/// them.
struct RecognitionTable::Batch {
    std::uint32_t period = 0;
    std::size_t count = 0;
    std::array<Block, 3> blocks{};
    std::array<std::uint32_t, 3> tags{};
};

RecognitionTable::RecognitionTable() : cipher_(std::make_unique<EidCipher>()) {}
RecognitionTable::~RecognitionTable() { forget_all(); }
RecognitionTable::RecognitionTable(RecognitionTable&&) noexcept = default;
RecognitionTable& RecognitionTable::operator=(RecognitionTable&& other) noexcept {
    forget_all();
    cipher_ = std::move(other.cipher_);
    members_ = std::move(other.members_);
    keys_ = std::move(other.keys_);
    horizons_ = std::move(other.horizons_);
    live_members_ = other.live_members_;
    eids_ = std::move(other.eids_);
    who_ = std::move(other.who_);
    used_ = other.used_;
    collisions_ = other.collisions_;
    window_ = other.window_;
    live_tags_ = other.live_tags_;
    tags_to_fill_ = other.tags_to_fill_;
    phase_ = other.phase_;
    progress_ = other.progress_;
    return *this;
}

void RecognitionTable::forget_all() {
    if (!keys_.empty()) OPENSSL_cleanse(keys_.data(), keys_.size() * sizeof keys_[0]);
    keys_.clear();
    members_.clear();
}

Result<void> RecognitionTable::load(std::span<const MemberKeys> members) {
    if (members.size() > kMembersMax) {
        return exhausted("more than " + std::to_string(kMembersMax) + " members");
    }
    std::vector<Member> sorted;
    sorted.reserve(members.size());
    std::size_t key_count = 0;
    for (const MemberKeys& member : members) {
        TRY(check(member));
        sorted.push_back({.id = member.member,
                          .first_key = static_cast<std::uint32_t>(key_count),
                          .horizon = pack_horizon(member.first_period, member.keys.size())});
        key_count += member.keys.size();
    }
    std::ranges::sort(sorted, {}, &Member::id);
    const auto twice = std::ranges::adjacent_find(sorted, {}, &Member::id);
    if (twice != sorted.end()) return invalid(named(twice->id) + " is listed twice");

    forget_all();
    keys_.shrink_to_fit();
    keys_.reserve(key_count);
    horizons_.clear();
    for (const MemberKeys& member : members) {
        keys_.insert(keys_.end(), member.keys.begin(), member.keys.end());
        ++horizons_[pack_horizon(member.first_period, member.keys.size())];
    }
    members_ = std::move(sorted);
    live_members_ = members_.size();
    const std::size_t slots = members_.empty() ? 0 : members_.size() * 300 / kFullPercent + 8;
    eids_ = std::vector<std::uint64_t>(slots);
    who_ = std::vector<std::uint32_t>(slots);
    used_ = collisions_ = 0;
    if (window_) restart();
    return {};
}

const RecognitionTable::Member* RecognitionTable::member(MemberId id) const {
    const auto found = std::ranges::lower_bound(members_, id, {}, &Member::id);
    const bool there = found != members_.end() && found->id == id && found->horizon != 0;
    return there ? &*found : nullptr;
}

const std::array<std::uint8_t, 16>* RecognitionTable::key(const Member& member,
                                                          std::uint32_t period) const {
    if (!covers(member.horizon, period)) return nullptr;
    return &keys_[member.first_key + period - first_period_of(member.horizon)];
}

bool RecognitionTable::remove(MemberId id) {
    const Member* known = member(id);
    if (known == nullptr) return false;
    Member& gone = members_[static_cast<std::size_t>(known - members_.data())];
    OPENSSL_cleanse(&keys_[gone.first_key], (gone.horizon & 0xff) * sizeof keys_[0]);
    const auto horizon = horizons_.find(gone.horizon);
    if (--horizon->second == 0) horizons_.erase(horizon);
    gone.horizon = 0;
    --live_members_;
    return true;
}

void RecognitionTable::turn(WallTime now) {
    const std::uint32_t window = window_of(beacon_seconds(now));
    if (window_ == window) return;
    const bool to_next_or_back = window_ && (*window_ + 1 == window || window + 1 == *window_);
    window_ = window;
    if (!to_next_or_back || busy()) return restart();
    // Four windows in a row have four tags, so that old and new ones cannot be confused.
    const std::uint8_t wanted = bits_around(window);
    tags_to_fill_ = static_cast<std::uint8_t>(wanted & ~live_tags_);
    live_tags_ = wanted;
    phase_ = Phase::sweep;
    progress_ = 0;
}

void RecognitionTable::restart() {
    live_tags_ = 0;
    tags_to_fill_ = bits_around(*window_);
    phase_ = Phase::clear;
    progress_ = 0;
    if (used_ == 0) begin_fill();
}

void RecognitionTable::begin_fill() {
    live_tags_ = bits_around(*window_);
    phase_ = members_.empty() ? Phase::idle : Phase::fill;
    progress_ = 0;
}

bool RecognitionTable::step(std::size_t members) {
    CHECK(members > 0);
    // A slot costs about a fiftieth of a member.
    constexpr std::size_t kSlotsAMember = 16;
    switch (phase_) {
        case Phase::idle:
            break;
        case Phase::clear:
            clear(members * kSlotsAMember);
            break;
        case Phase::sweep:
            sweep(members * kSlotsAMember);
            break;
        case Phase::fill:
            fill(members);
            break;
    }
    return busy();
}

void RecognitionTable::clear(std::size_t slots) {
    const std::size_t end = std::min(progress_ + slots, who_.size());
    std::fill(who_.begin() + static_cast<std::ptrdiff_t>(progress_),
              who_.begin() + static_cast<std::ptrdiff_t>(end), 0U);
    progress_ = end;
    if (end < who_.size()) return;
    used_ = collisions_ = 0;
    begin_fill();
}

bool RecognitionTable::is_live(std::uint32_t who) const {
    return (live_tags_ >> (who >> 30) & 1) != 0;
}

void RecognitionTable::sweep(std::size_t slots) {
    const std::size_t end = std::min(progress_ + slots, who_.size());
    for (std::size_t slot = progress_; slot < end; ++slot) {
        // Erasing moves the next of the cluster here, which may be stale too.
        while (who_[slot] != 0 && !is_live(who_[slot])) erase(slot);
    }
    progress_ = end;
    if (end == who_.size()) begin_fill();
}

/// Spreads the EIDs, which are as good as random, over the slots without a division: Lemire, "Fast
/// random integer generation in an interval", 2019.
std::size_t RecognitionTable::home_of(std::uint64_t eid) const {
    // 32 bits of the EID are enough for 2^32 slots and keep the product in 64 bits on 32-bit ARM.
    return static_cast<std::size_t>((eid >> 32) * eids_.size() >> 32);
}

/// Deletion from linear probing without tombstones: Knuth, TAOCP 3, 6.4, algorithm R.
void RecognitionTable::erase(std::size_t slot) {
    if ((who_[slot] & kIndexMask) == kAmbiguous) --collisions_;
    const auto distance = [this](std::size_t from, std::size_t to) {
        return to >= from ? to - from : to + eids_.size() - from;
    };
    std::size_t hole = slot;
    for (std::size_t next = after(hole); who_[next] != 0; next = after(next)) {
        if (distance(home_of(eids_[next]), next) < distance(hole, next)) continue;
        eids_[hole] = eids_[next];
        who_[hole] = who_[next];
        hole = next;
    }
    who_[hole] = 0;
    --used_;
}

void RecognitionTable::insert(std::uint64_t eid, std::uint32_t who) {
    std::size_t slot = home_of(eid);
    for (; who_[slot] != 0; slot = after(slot)) {
        if (eids_[slot] != eid) continue;
        const std::uint32_t present = who_[slot] & kIndexMask;
        if (present != (who & kIndexMask) && present != kAmbiguous) ++collisions_;
        if (present != (who & kIndexMask)) who |= kAmbiguous;
        who_[slot] = who;
        return;
    }
    eids_[slot] = eid;
    who_[slot] = who;
    ++used_;
}

std::size_t RecognitionTable::batches_to_fill(std::array<Batch, 2>& batches) const {
    std::size_t used = 0;
    for (std::uint32_t window = *window_ - 1; window != *window_ + 2; ++window) {
        if ((tags_to_fill_ & bit_of(window)) == 0) continue;
        const std::uint32_t period = period_of_window(window);
        if (used == 0 || batches[used - 1].period != period) batches[used++].period = period;
        Batch& batch = batches[used - 1];
        batch.tags[batch.count] = tag_of(window) << 30;
        batch.blocks[batch.count++] = eid_block(window << kRotationExponent, kRotationExponent);
    }
    return used;
}

void RecognitionTable::fill(std::size_t count) {
    std::array<Batch, 2> batches{};  // Three windows in a row touch at most two periods.
    const std::size_t used = batches_to_fill(batches);
    const std::size_t end = std::min(progress_ + count, members_.size());
    while (progress_ < end) {
        const std::size_t group_end = std::min(progress_ + kGroup, end);
        fill_group(std::span(batches).first(used), group_end);
        progress_ = group_end;
    }
    if (end == members_.size()) phase_ = Phase::idle;
}

void RecognitionTable::fill_group(std::span<const Batch> batches, std::size_t end) {
    struct Entry {
        std::uint64_t eid;
        std::uint32_t who;
    };
    std::array<Entry, 3 * kGroup> entries;
    std::size_t ready = 0;
    for (std::size_t index = progress_; index < end; ++index) {
        const auto who = static_cast<std::uint32_t>(index + 1);
        for (const Batch& batch : batches) {
            const auto* temporary = key(members_[index], batch.period);
            if (temporary == nullptr) continue;
            std::array<Block, 3> blocks = batch.blocks;
            cipher_->set_key(*temporary);
            cipher_->encrypt(std::span(blocks).first(batch.count));
            for (std::size_t i = 0; i < batch.count; ++i) {
                entries[ready++] = {number_of(blocks[i].data()), batch.tags[i] | who};
            }
        }
    }
    // The slots lie anywhere in the table: all of them are asked for before the first is needed.
    for (const Entry& entry : std::span(entries).first(ready)) {
        __builtin_prefetch(&eids_[home_of(entry.eid)], 1);
        __builtin_prefetch(&who_[home_of(entry.eid)], 1);
    }
    for (const Entry& entry : std::span(entries).first(ready)) insert(entry.eid, entry.who);
}

std::optional<MemberId> RecognitionTable::find(const radio::Eid& eid) const {
    if (used_ == 0) return std::nullopt;
    const std::uint64_t number = number_of(eid.bytes.data());
    for (std::size_t slot = home_of(number); who_[slot] != 0; slot = after(slot)) {
        if (eids_[slot] != number) continue;
        const std::uint32_t index = who_[slot] & kIndexMask;
        if (index == kAmbiguous || !is_live(who_[slot])) return std::nullopt;
        const Member& found = members_[index - 1];
        return found.horizon != 0 ? std::optional(found.id) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<TemporaryKey> RecognitionTable::key_of(MemberId id, std::uint32_t period) const {
    const Member* known = member(id);
    const auto* bytes = known != nullptr ? key(*known, period) : nullptr;
    return bytes != nullptr ? std::optional(TemporaryKey{*bytes, period}) : std::nullopt;
}

std::size_t RecognitionTable::unrecognisable_count() const {
    if (!window_) return 0;
    std::size_t count = 0;
    for (const auto& [horizon, members] : horizons_) {
        if (!covers(horizon, period_of_window(*window_))) count += members;
    }
    return count;
}

std::size_t RecognitionTable::table_bytes() const {
    return eids_.size() * sizeof eids_[0] + who_.size() * sizeof who_[0];
}

std::size_t RecognitionTable::key_bytes() const {
    return keys_.size() * sizeof keys_[0] + members_.size() * sizeof members_[0];
}

}  // namespace vitrine::identity
