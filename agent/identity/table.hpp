#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/identity/eid.hpp"
#include "agent/radio/frame.hpp"

namespace vitrine::identity {

class EidCipher;

/// What the centre gives a store of one member: the keys of consecutive periods from
/// `first_period`.
struct MemberKeys {
    MemberId member;
    std::uint32_t first_period = 0;
    /// One key a period; at most RecognitionTable::kHorizonMax.
    std::vector<std::array<std::uint8_t, 16>> keys;
};

/// Who is behind an EID: those of the windows before, at and after now, in one flat open-addressing
/// table, so that one advert costs one look-up and never a decryption. It follows the clock in
/// steps small enough for the event loop:
///
///     table.load(members);
///     table.turn(now);                    // at start and every few seconds
///     while (table.step()) …              // one step at a time, back to the loop in between
///
/// While a window turns, the other two stay recognisable. After `load`, and when the clock steps
/// over more than one window, all three are built anew: 20,000 members take some 10 ms of CPU.
///
/// Limits: kMembersMax members, kHorizonMax periods each. Table memory: 15.4 bytes an EID. Keys are
/// wiped when they are no longer needed. Neither copied nor shared; used on one thread.
class RecognitionTable {
  public:
    static constexpr std::size_t kMembersMax = 4'000'000;
    static constexpr std::size_t kHorizonMax = 32;
    /// Members whose EIDs one step computes: 1 to 2 ms on x86 with AES instructions.
    static constexpr std::size_t kMembersPerStep = 4096;

    RecognitionTable();
    ~RecognitionTable();
    RecognitionTable(RecognitionTable&&) noexcept;
    RecognitionTable& operator=(RecognitionTable&&) noexcept;

    /// Replaces everyone. `invalid` for member 0, a member named twice, a member without keys or
    /// with more than kHorizonMax, or a period beyond 16 bits; `exhausted` above kMembersMax. On an
    /// error the table is as it was.
    Result<void> load(std::span<const MemberKeys> members);

    /// Forgets one member at once and wipes their keys; false if there is no such member.
    bool remove(MemberId id);

    /// Says what time it is. Cheap: the work it causes is done by `step`.
    void turn(WallTime now);

    /// Does a part of the outstanding work, for at most `members` members; true while more is left.
    bool step(std::size_t members = kMembersPerStep);

    bool busy() const { return phase_ != Phase::idle; }

    /// The member who sends this EID in one of the three windows. Nobody where two members' EIDs
    /// are equal: recognising neither is better than recognising the wrong one.
    std::optional<MemberId> find(const radio::Eid& eid) const;

    /// A member's key of one period, for check-in; nothing once the horizon has ended.
    std::optional<TemporaryKey> key_of(MemberId id, std::uint32_t period) const;

    /// The window of the last `turn`; nothing before the first.
    std::optional<std::uint32_t> window() const { return window_; }

    std::size_t member_count() const { return live_members_; }
    /// Members whose keys do not cover the current period: their horizon has ended (or not begun),
    /// and only check-in by QR with fresh keys helps.
    std::size_t unrecognisable_count() const;
    /// EIDs in the table now that two members share.
    std::size_t collision_count() const { return collisions_; }

    /// Bytes of the table of EIDs, and of the keys and members that it is made from.
    std::size_t table_bytes() const;
    std::size_t key_bytes() const;

  private:
    enum class Phase : std::uint8_t { idle, clear, sweep, fill };

    struct Member {
        MemberId id;
        std::uint32_t first_key = 0;
        std::uint32_t horizon = 0;  ///< First period << 8 | number of periods; 0 once removed.
    };

    struct Batch;

    const Member* member(MemberId id) const;
    const std::array<std::uint8_t, 16>* key(const Member& member, std::uint32_t period) const;
    void forget_all();
    void restart();
    void begin_fill();
    std::size_t home_of(std::uint64_t eid) const;
    std::size_t after(std::size_t slot) const { return slot + 1 == eids_.size() ? 0 : slot + 1; }
    bool is_live(std::uint32_t who) const;
    void clear(std::size_t slots);
    void sweep(std::size_t slots);
    void erase(std::size_t slot);
    std::size_t batches_to_fill(std::array<Batch, 2>& batches) const;
    void fill(std::size_t count);
    void fill_group(std::span<const Batch> batches, std::size_t end);
    void insert(std::uint64_t eid, std::uint32_t who);

    std::unique_ptr<EidCipher> cipher_;

    std::vector<Member> members_;  ///< Sorted by id.
    std::vector<std::array<std::uint8_t, 16>> keys_;
    std::map<std::uint32_t, std::size_t> horizons_;  ///< How many members have each horizon.
    std::size_t live_members_ = 0;

    // One slot is eids_[i] with who_[i]: window mod 4 in the upper two bits, member's index + 1
    // below; 0 is empty.
    std::vector<std::uint64_t> eids_;
    std::vector<std::uint32_t> who_;
    std::size_t used_ = 0;
    std::size_t collisions_ = 0;

    std::optional<std::uint32_t> window_;
    std::uint8_t live_tags_ = 0;     ///< Bit t: the window with number ≡ t mod 4 is recognised.
    std::uint8_t tags_to_fill_ = 0;  ///< Windows whose EIDs are not all in the table yet.
    Phase phase_ = Phase::idle;
    std::size_t progress_ = 0;  ///< Slots or members that the present phase is done with.
};

}  // namespace vitrine::identity
