#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/consent/consent.hpp"
#include "agent/identity/eid.hpp"
#include "agent/profiles/profile.hpp"
#include "sync/central/elsewhere.hpp"
#include "sync/central/forecasts.hpp"
#include "sync/central/profiler.hpp"
#include "sync/sql/sql.hpp"
#include "sync/wire/members.hpp"

namespace vitrine::central {

/// A member of the loyalty programme as the centre knows them. The identity key is on the member's
/// phone and here, nowhere else.
struct Member {
    MemberId id;
    identity::IdentityKey key;
    profiles::Level level = profiles::Level::none;
    Language language = Language::fr;
    bool age_proven = false;
    std::uint8_t birth_month = 0;
    std::vector<CategoryId> favourites;
    std::string calls_me;
    std::string wishes;
    friend bool operator==(const Member&, const Member&) = default;
};

/// How many there are, and how many allow what.
struct MemberCounts {
    std::uint64_t enrolled = 0;
    std::uint64_t erased = 0;
    std::array<std::uint64_t, consent::kPurposes.size()> allowing{};
};

/// Joins a decision to what is known of its member and purpose, and appends it to the member's
/// history, once by its id.
Result<void> join_consent(sql::Connection& connection, const consent::Event& event);

/// The members' side of the centre's database: who they are, what they decided, what they bought.
class Members {
  public:
    explicit Members(sql::Connection& connection) : connection_(connection) {}

    /// Adds a member or replaces what is known of them. `denied` for one who was erased: they would
    /// have to join anew.
    Result<void> enrol(const Member& member);
    /// Adds a purchase; the same member, day and product again replaces it. `not_found` for an
    /// unknown member.
    Result<void> bought(MemberId member, const Purchase& purchase);

    /// Adds a visit in a channel, once a day. `not_found` for an unknown member.
    Result<void> visited(MemberId member, const ChannelVisit& visit);
    /// What is left in the member's basket; one of an earlier day than the one known changes
    /// nothing.
    Result<void> left_basket(MemberId member, const Basket& basket);

    /// What every shop is told, in order of member. Keys of `periods` periods from `first_period`
    /// on, for those who allow `recognise`.
    Result<wire::RecognitionBundle> recognition(std::uint32_t first_period, std::size_t periods,
                                                WallTime now);
    /// Profiles of those who allow `personalise`, cards of those who allow `staff_view`,
    /// everybody's consents; the same for every shop.
    Result<wire::ProfilesBundle> profiles(WallTime now);
    /// … and in one shop, what they saw in the others.
    Result<void> add_seen_elsewhere(StoreId shop, wire::ProfilesBundle& bundle, WallTime now);
    Result<wire::ErasuresBundle> erasures();
    Result<MemberCounts> counts(WallTime now);

  private:
    Result<std::vector<Member>> all();
    Result<std::vector<wire::ProfilesBundle::MemberConsents>> consents();
    Result<void> expect_known(MemberId member);

    sql::Connection& connection_;
    Elsewhere elsewhere_;
    UsualPrices prices_;  ///< Of prices_day_: they change slowly.
    std::int32_t prices_day_ = -1;
};

}  // namespace vitrine::central
