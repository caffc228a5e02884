#include "sync/central/nightly.hpp"

#include "agent/base/units.hpp"

namespace vitrine::central {

namespace {

constexpr std::chrono::hours kAt{3};
constexpr std::chrono::hours kMinutesKept{48};

}  // namespace

Result<bool> Nightly::tick(WallTime now) {
    const std::int32_t night = day_of(now - kAt);
    if (done_ == night) return false;
    done_ = night;
    auto drop = TRY(connection_.prepare("DELETE FROM member_days WHERE day < ?"));
    TRY(drop.bind(day_of(now) - kMemberDays).run());
    auto minutes = TRY(connection_.prepare("DELETE FROM minute_counts WHERE minute < ?"));
    const auto kept_from = std::chrono::floor<std::chrono::minutes>(now - kMinutesKept);
    TRY(minutes.bind(kept_from.time_since_epoch().count()).run());
    TRY(trainer_.learn_vectors(now).within("what is bought together"));
    TRY(audit_.review(now).within("fairness"));
    return true;
}

}  // namespace vitrine::central
