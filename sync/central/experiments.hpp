#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/profiles/policy.hpp"
#include "sync/central/always_valid.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// How the arms of the policy's experiments fare, and what tailoring as such earns beside the
/// holdout (docs/experiments.md). A member counts from the first day on which they saw anything
/// since the experiment is as it is, in the arm that their hash gives them, whether or not its
/// offers came up: so nothing that an arm does decides who is counted. Only who allows `measure`.
class Experiments {
  public:
    /// An arm of fewer members than this, or with fewer who did something, or who did not, carries
    /// no verdict.
    static constexpr std::uint64_t kMembersMin = 100;
    static constexpr std::uint64_t kEitherMin = 10;
    /// Of all comparisons of one experiment together.
    static constexpr double kAlpha = 0.05;
    static constexpr double kSampleRatioAlarm = 0.001;
    /// The report is made anew after this long: it reads all that members did.
    static constexpr std::chrono::hours kEvery{1};

    explicit Experiments(sql::Connection& connection) : connection_(connection) {}

    /// GET /api/v1/experiments (docs/experiments.md). Remembers since when each experiment is as it
    /// is: to be asked for every kEvery, whether or not somebody looks. Errors are the database's.
    Result<std::string> json(WallTime now);

  private:
    struct Arm {
        std::string name;
        double weight = 0;
        ArmSums responded, took, spent;
    };
    struct Experiment {
        std::string id;
        std::string layer;
        std::int32_t since = 0;  ///< The day from which it is as it is.
        std::vector<Arm> arms;
    };

    Result<std::string> report(WallTime now);
    Result<std::vector<Experiment>> counted(const profiles::Policy& policy, WallTime now);
    static std::string text_of_report(const std::vector<Experiment>& experiments);
    Result<profiles::Policy> policy();
    Result<std::map<std::string, std::int32_t>> since(const profiles::Policy& policy,
                                                      std::int32_t today);
    template <class ArmOf>
    Result<void> count(Experiment& experiment, WallTime now, ArmOf arm_of);

    sql::Connection& connection_;
    std::string last_;
    std::optional<WallTime> made_;
};

}  // namespace vitrine::central
