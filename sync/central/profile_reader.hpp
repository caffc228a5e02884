#pragma once

#include <cstdint>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/profiles/profile.hpp"
#include "sync/central/forecasts.hpp"
#include "sync/central/members.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// Reads what the database has of one member after the other and makes their profiles. Its
/// statements are prepared once for all of them. Lives no longer than the connection.
class ProfileReader {
  public:
    static Result<ProfileReader> open(sql::Connection& connection);

    /// What the member's level uses: at `full` also forecasts, and what they took up where they
    /// allow `measure` (`measured`). What was seen elsewhere depends on the shop and is not here.
    Result<profiles::Profile> read(const Member& member, bool measured, const UsualPrices& usual,
                                   std::int32_t today);

  private:
    ProfileReader() = default;
    Result<History> history_of(MemberId member, bool measured);
    Result<std::vector<Purchase>> purchases_of(MemberId member);
    Result<std::vector<OfferId>> dismissed_by(MemberId member);

    sql::Statement purchases_;
    sql::Statement visits_;
    sql::Statement responses_;
    sql::Statement basket_;
    sql::Statement dismissed_;
};

/// The usual prices of the last year, of everybody's purchases.
Result<UsualPrices> usual_prices(sql::Connection& connection, std::int32_t today);

/// Numbers separated by spaces, as the database keeps short lists.
std::string joined_numbers(const std::vector<std::uint32_t>& numbers);
std::vector<std::uint32_t> split_numbers(std::string_view text);

}  // namespace vitrine::central
