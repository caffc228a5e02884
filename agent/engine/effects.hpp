#pragma once

#include <optional>
#include <string>
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

    bool empty() const {
        return records.empty() && memos.empty() && screens.empty() && !staff_board_changed;
    }
    void clear() {
        records.clear();
        memos.clear();
        screens.clear();
        staff_board_changed = false;
    }
};

/// Both clocks at one moment.
struct Now {
    Instant instant;
    WallTime wall;
};

}  // namespace vitrine::engine
