#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine::central {

/// What is wrong with a row, or strange about it (REQUIREMENTS T13).
enum class Flaw : std::uint8_t {
    duplicate,   ///< The same thing twice in one file.
    stale,       ///< Too old to be used.
    impossible,  ///< Cannot be: a day in the future, a wrong check digit, a number out of bounds.
    missing,     ///< A field that has to be there is empty.
    unknown,     ///< Names a member, product or category that the centre does not know.
    unusual,     ///< Far from what is usual: taken, but worth a look.
    malformed,   ///< Cannot be read.
};
inline constexpr std::size_t kFlaws = 7;
std::string_view name_of(Flaw flaw);
Result<Flaw> flaw_from(std::string_view name);

/// What became of a file of rows. Nothing is dropped silently: each row that was not taken stands
/// here with its line, and whatever is strange about the others is counted.
struct ImportReport {
    struct Refusal {
        std::uint64_t line = 0;
        std::string reason;  ///< "day: is in the future"
    };
    static constexpr std::size_t kRefusalsMax = 1000;  ///< Further ones are only counted.

    /// All rows of which the same is to be said. Names no value, so it may be shown to anyone.
    struct Finding {
        Flaw flaw = Flaw::malformed;
        std::string column;  ///< Empty: the row.
        std::string reason;
        bool refused = false;
        std::uint64_t count = 0;
        std::vector<std::uint64_t> lines;  ///< The first kLinesMax.
    };
    static constexpr std::size_t kFindingsMax = 100;  ///< Far above what there is to find.
    static constexpr std::size_t kLinesMax = 5;

    struct Column {
        std::string name;
        bool required = false;
        std::uint64_t given = 0;  ///< Rows in which it is not empty.
    };

    std::uint64_t rows = 0;
    std::uint64_t taken = 0;
    std::uint64_t refused = 0;
    std::vector<Refusal> refusals;
    std::vector<Finding> findings;
    std::vector<Column> columns;

    void note(Flaw flaw, std::string_view column, std::string_view reason, bool was_refused,
              std::uint64_t line);
};

/// Without the refusals, which may name members: what is kept and shown. `corrupt` for what this
/// did not write.
std::string findings_json(const ImportReport& report);
Result<ImportReport> findings_from(std::string_view json);
/// … and with them, for who imports.
std::string report_json(const ImportReport& report);

}  // namespace vitrine::central
