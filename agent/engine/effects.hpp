#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/session/record.hpp"
#include "agent/session/screen.hpp"

namespace vitrine::engine {

/// What must outlive a restart: kept in the same transaction as the records of the same step. No
/// value removes the key.
struct Memo {
    std::string key;
    std::optional<Bytes> value;
    friend bool operator==(const Memo&, const Memo&) = default;
};

/// All that the engine ever gives back. The owner first keeps records and memos in one transaction,
/// then shows the screens.
struct Effects {
    std::vector<session::Record> records;
    std::vector<Memo> memos;
    std::vector<session::Screen> screens;
    bool staff_board_changed = false;
    /// Why presence changed, a line a change and no member in it; only where Setup asks for it.
    std::vector<std::string> explanations;

    /// Puts a memo in, over one of the same key in the same step.
    void remember(std::string_view key, std::optional<Bytes> value) {
        const auto at = std::ranges::find(memos, key, &Memo::key);
        if (at != memos.end()) {
            at->value = std::move(value);
        } else {
            memos.push_back({std::string(key), std::move(value)});
        }
    }

    bool empty() const {
        return records.empty() && memos.empty() && screens.empty() && !staff_board_changed &&
               explanations.empty();
    }
    void clear() {
        records.clear();
        memos.clear();
        screens.clear();
        staff_board_changed = false;
        explanations.clear();
    }
};

/// Memos of one member: what was shown, what they decided here, and what waits for success.
inline constexpr std::string_view kExposurePrefix = "exposure/";
inline constexpr std::string_view kDecidedPrefix = "decided/";
inline constexpr std::string_view kRewardPrefix = "reward/";
/// What was learned since the model was adopted.
inline constexpr std::string_view kLearnerKey = "learner";
/// How many of its lessons the centre was told, of the adopted model.
inline constexpr std::string_view kHandedUpKey = "handed-up";
/// How many claims of each offer were handed out.
inline constexpr std::string_view kBudgetsKey = "budgets";
inline std::string exposure_key(MemberId member) {
    return std::string(kExposurePrefix) + to_text(member);
}
inline std::string reward_key(MemberId member) {
    return std::string(kRewardPrefix) + to_text(member);
}
/// Which receipts a till told of last.
inline constexpr std::string_view kTillPrefix = "till/";
inline std::string till_key(const KioskId& till) { return std::string(kTillPrefix) + till.str(); }
inline std::string decided_key(MemberId member) {
    return std::string(kDecidedPrefix) + to_text(member);
}

/// Both clocks at one moment.
struct Now {
    Instant instant;
    WallTime wall;
};

}  // namespace vitrine::engine
