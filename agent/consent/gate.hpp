#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/consent/consent.hpp"

namespace vitrine::consent {

/// Proof that a member allows one purpose at this moment. Only the Gate makes one. It is for the
/// step at hand and is never kept: the next step asks the gate again, so a withdrawal takes effect
/// at once.
template <Purpose P>
class Permitted {
  public:
    MemberId member() const { return member_; }

  private:
    friend class Gate;
    explicit Permitted(MemberId member) : member_(member) {}
    MemberId member_;
};

/// The members whose decisions this shop knows, and who were erased. Owned by the engine.
class Ledger {
  public:
    /// At most this many members are held; a further one is refused and stays unknown, which means
    /// denied.
    static constexpr std::size_t kMembersMax = 2'000'000;

    /// Takes over what the centre or a touch decided. What is already known is joined, never
    /// overwritten.
    void learn(MemberId member, const Consents& consents);
    void learn(const Event& event);

    /// Nothing is allowed for this member any more, whatever arrives later.
    void erase(MemberId member);
    bool erased(MemberId member) const { return erased_.contains(member); }

    /// All unknown for a stranger.
    Consents of(MemberId member) const;
    bool knows(MemberId member) const { return members_.contains(member); }
    std::size_t size() const { return members_.size(); }

  private:
    std::unordered_map<MemberId, Consents> members_;
    std::unordered_set<MemberId> erased_;
};

/// The only maker of permissions.
class Gate {
  public:
    explicit Gate(const Ledger& ledger) : ledger_(ledger) {}

    /// A permission if the member granted `P`, has not taken it back, and it has not run out by
    /// `now`. Being recognised is the ground for every other purpose in the shop, but each is asked
    /// on its own.
    template <Purpose P>
    std::optional<Permitted<P>> permit(MemberId member, WallTime now) const {
        if (!allows(member, P, now)) return std::nullopt;
        return Permitted<P>(member);
    }

  private:
    bool allows(MemberId member, Purpose purpose, WallTime now) const;
    const Ledger& ledger_;
};

}  // namespace vitrine::consent
