#include "sync/central/importing.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <set>
#include <sstream>

#include "sync/bundle/keys.hpp"
#include "sync/central/import_state.hpp"
#include "sync/central/import_taker.hpp"
#include "sync/central/import_twins.hpp"
#include "sync/central/news.hpp"

namespace vitrine::central {

namespace {

constexpr std::array<std::string_view, 5> kKinds{"members", "purchases", "products", "visits",
                                                 "audit"};
/// Of one chunk, besides its rows: rows may be long.
constexpr std::size_t kChunkBytesMax = 4U << 20;

Result<std::unique_ptr<ImportTaker>> taker_of(ImportKind kind, sql::Connection& connection,
                                              WallTime now) {
    switch (kind) {
        case ImportKind::members:
            return member_taker(connection, now);
        case ImportKind::purchases:
            return purchase_taker(connection, now);
        case ImportKind::products:
            return product_taker(connection);
        case ImportKind::visits:
            return visit_taker(connection, now);
        case ImportKind::audit:
            break;
    }
    return audit_taker(connection, now);
}

/// The header's columns by the names of JSON.
Result<std::vector<std::string>> columns_of(const rows::Reader& reader, const std::string& file,
                                            std::span<const ImportColumn> known) {
    std::vector<std::string> names;
    std::set<std::string_view> given;
    for (const std::string& name : reader.header()) {
        const auto at = std::ranges::find_if(known, [&](const ImportColumn& column) {
            return column.name == name ||
                   std::ranges::find(column.other_names, name) != column.other_names.end();
        });
        if (at == known.end()) {
            std::string all;
            for (const ImportColumn& column : known) all += " " + std::string(column.name);
            return invalid(file + ":1: no column is called '" + name.substr(0, 64) +
                           "'; there are:" + all);
        }
        if (!given.insert(at->name).second) {
            return invalid(file + ":1: column '" + std::string(at->name) + "' stands twice");
        }
        names.emplace_back(at->name);
    }
    for (const ImportColumn& column : known) {
        if (!column.required || given.contains(column.name)) continue;
        return invalid(file + ":1: column '" + std::string(column.name) + "' is missing");
    }
    return names;
}

/// Rows that were refused, as they stood in the file.
class RefusedFile {
  public:
    /// `size`: what of it is of chunks that are in; what follows is of one that is not.
    static Result<RefusedFile> open(const std::string& name, std::uint64_t size) {
        RefusedFile made;
        made.name_ = name;
        made.size_ = size;
        if (name.empty()) return made;
        std::error_code error;
        if (size > 0) std::filesystem::resize_file(name, size, error);
        if (size == 0 || error) {
            // Of an earlier import; there may be nothing to refuse this time.
            std::filesystem::remove(name, error);
            made.size_ = 0;
        }
        return made;
    }

    Result<void> add(std::string_view header, const std::map<std::uint64_t, std::string>& rows) {
        if (name_.empty() || rows.empty()) return {};
        if (!out_.is_open()) out_.open(name_, std::ios::binary | std::ios::app);
        if (size_ == 0 && !header.empty()) write(header);
        for (const auto& [line, row] : rows) write(row);
        out_.flush();
        if (!out_) return exhausted(name_ + ": cannot be written");
        return {};
    }
    std::uint64_t size() const { return size_; }

  private:
    void write(std::string_view row) {
        out_ << row << '\n';
        size_ += row.size() + 1;
    }

    std::string name_;
    std::ofstream out_;
    std::uint64_t size_ = 0;
};

/// One file while it is imported.
class Job final : public ImportJudge {
  public:
    Job(sql::Connection& connection, std::unique_ptr<ImportTaker> taker, rows::Reader reader,
        const ImportSettings& settings, std::uint64_t size)
        : connection_(connection),
          taker_(std::move(taker)),
          reader_(std::move(reader)),
          settings_(settings),
          twins_(size / 32) {}

    Result<void> begin(const std::string& file, ImportState& state);
    /// Whether there is more.
    Result<bool> chunk(ImportState& state);

    void note(Flaw flaw, std::string_view column, std::string_view reason,
              std::uint64_t line) override {
        report().note(flaw, column, reason, false, line);
    }
    void refuse(std::uint64_t line, const ImportRow::Failure& failure) override;

  private:
    ImportReport& report() { return state_->report; }
    Result<ImportRow> parse(const rows::Row& row) const;
    Result<void> take(const rows::Row& row);
    void count_given(const ImportRow& row);
    void refuse_taken(std::uint64_t line, const Error& error, const ImportRow& row);

    sql::Connection& connection_;
    std::unique_ptr<ImportTaker> taker_;
    rows::Reader reader_;
    const ImportSettings& settings_;
    ImportTwins twins_;
    std::vector<std::string> names_;
    ImportState* state_ = nullptr;
    std::optional<RefusedFile> refused_file_;
    std::map<std::uint64_t, std::string> texts_;    ///< Rows of this chunk, by line.
    std::map<std::uint64_t, std::string> refused_;  ///< Of them, those refused.
};

Result<void> Job::begin(const std::string& file, ImportState& state) {
    state_ = &state;
    if (reader_.format() == rows::Format::csv) {
        names_ = TRY(columns_of(reader_, file, taker_->columns()));
    }
    if (state.position.bytes > 0) {
        TRY(reader_.resume(TRY(rows::open_file(file)), state.position));
    } else {
        for (const ImportColumn& column : taker_->columns()) {
            report().columns.push_back(
                {.name = std::string(column.name), .required = column.required});
        }
    }
    refused_file_ = TRY(
        RefusedFile::open(settings_.dry_run ? "" : settings_.refused_file, state.refused_bytes));
    return {};
}

Result<ImportRow> Job::parse(const rows::Row& row) const {
    if (!row.trouble.empty()) return invalid(row.trouble);
    if (reader_.format() == rows::Format::csv) return ImportRow::of_fields(names_, row.fields);
    return ImportRow::parse(row.text);
}

void Job::count_given(const ImportRow& row) {
    for (ImportReport::Column& column : report().columns) {
        if (row.gives(column.name)) ++column.given;
    }
}

void Job::refuse(std::uint64_t line, const ImportRow::Failure& failure) {
    ++report().refused;
    // What is wrong with the values themselves differs from row to row, and may name somebody.
    const bool names_values = failure.flaw == Flaw::malformed;
    const bool names_member = failure.column.empty() && failure.flaw == Flaw::unknown;
    report().note(failure.flaw, failure.column,
                  names_member   ? std::string_view("member is not known")
                  : names_values ? std::string_view("cannot be read")
                                 : std::string_view(failure.reason),
                  true, line);
    if (report().refusals.size() < ImportReport::kRefusalsMax) {
        report().refusals.push_back({line, failure.column.empty()
                                               ? failure.reason
                                               : failure.column + ": " + failure.reason});
    }
    const auto text = texts_.find(line);
    if (text != texts_.end()) refused_.insert(*text);
}

void Job::refuse_taken(std::uint64_t line, const Error& error, const ImportRow& row) {
    if (row.failure()) return refuse(line, *row.failure());
    const bool stranger = error.code == ErrorCode::not_found || error.code == ErrorCode::denied;
    refuse(line, {stranger ? Flaw::unknown : Flaw::malformed, "", error.message});
}

Result<void> Job::take(const rows::Row& row) {
    ++report().rows;
    if (!row.text.empty()) texts_.emplace(row.line, row.text);
    auto parsed = parse(row);
    if (!parsed) {
        refuse(row.line, {Flaw::malformed, "", parsed.error().message});
        return {};
    }
    count_given(*parsed);
    const auto taken = taker_->take(*parsed, row.line, *this);
    if (!taken) {
        if (ends_import(taken.error())) return taken.error();
        refuse_taken(row.line, taken.error(), *parsed);
        return {};
    }
    if (parsed->identity() == 0) return {};
    switch (twins_.add(parsed->identity(), std::hash<std::string_view>{}(row.text))) {
        case ImportTwins::Found::nothing:
            break;
        case ImportTwins::Found::same:
            note(Flaw::duplicate, "", "stands there before, with the same content", row.line);
            break;
        case ImportTwins::Found::different:
            note(Flaw::duplicate, "", "stands there before, with another content", row.line);
    }
    return {};
}

Result<bool> Job::chunk(ImportState& state) {
    auto transaction = TRY(sql::Transaction::begin(connection_));
    TRY(connection_.lock(sql::Lock::erasures, true));
    texts_.clear();
    refused_.clear();
    bool more = true;
    std::size_t bytes = 0;
    rows::Row row;
    for (std::size_t i = 0; i < settings_.chunk_rows && bytes < kChunkBytesMax; ++i) {
        more = TRY(reader_.next(row));
        if (!more) break;
        bytes += row.text.size();
        TRY(take(row).within("line " + std::to_string(row.line)));
    }
    TRY(taker_->flush(*this));
    // Some are found out only now.
    std::ranges::stable_sort(report().refusals, {}, &ImportReport::Refusal::line);
    report().taken = report().rows - report().refused;
    state.position = reader_.position();
    state.passed = reader_.passed();
    state.finished = !more;
    if (settings_.dry_run) return more;
    TRY(refused_file_->add(reader_.header_text(), refused_));
    state.refused_bytes = refused_file_->size();
    TRY(keep_state(connection_, state));
    TRY(transaction.commit());
    return more;
}

Result<void> run(Job& job, ImportState& state, const ImportSettings& settings, std::uint64_t size) {
    for (bool more = true; more;) {
        more = TRY(job.chunk(state));
        if (!settings.progress) continue;
        const ImportProgress progress{state.report, state.passed, size};
        if (!settings.progress(progress) && more) return {};
    }
    return {};
}

}  // namespace

std::string_view name_of(ImportKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<ImportKind> import_kind_from(std::string_view name) {
    const auto at = std::ranges::find(kKinds, name);
    if (at == kKinds.end()) return invalid("no kind of rows is called '" + std::string(name) + "'");
    return static_cast<ImportKind>(at - kKinds.begin());
}

std::uint64_t identity_of(std::initializer_list<std::uint64_t> numbers) {
    // The finaliser of splitmix64, over each number in turn.
    std::uint64_t all = 0x9e3779b97f4a7c15;
    for (const std::uint64_t number : numbers) {
        all += number + 0x9e3779b97f4a7c15;
        all = (all ^ (all >> 30)) * 0xbf58476d1ce4e5b9;
        all = (all ^ (all >> 27)) * 0x94d049bb133111eb;
        all ^= all >> 31;
    }
    return all == 0 ? 1 : all;
}

bool ends_import(const Error& error) {
    return error.code == ErrorCode::unavailable || error.code == ErrorCode::exhausted ||
           error.code == ErrorCode::corrupt;
}

Result<ImportOutcome> import_file(sql::Connection& connection, ImportKind kind,
                                  const std::string& file, WallTime now,
                                  const ImportSettings& settings) {
    const rows::Sample sample = TRY(rows::sample_of(file));
    ImportState state{
        .kind = kind,
        .content = to_hex(bundle::digest_of(sample.ends)) + "-" + std::to_string(sample.size),
        .file = std::filesystem::path(file).filename().string(),
        .started = now,
        .now = now};
    ImportOutcome outcome;
    outcome.changed = TRY(stopped_with_other_content(connection, state));
    const bool known = TRY(load_state(connection, state, settings.resume));
    if (known && state.finished) {
        outcome.report = std::move(state.report);
        outcome.finished = outcome.was_finished = true;
        return outcome;
    }
    if (known) outcome.resumed_at = state.position.line;
    auto reader = TRY(rows::Reader::open(file, TRY(rows::open_file(file)), settings.format));
    Job job(connection, TRY(taker_of(kind, connection, now)), std::move(reader), settings,
            sample.size);
    TRY(job.begin(file, state));
    TRY(run(job, state, settings, sample.size).within(file));
    TRY(tell_news(connection));
    outcome.finished = state.finished;
    outcome.report = std::move(state.report);
    return outcome;
}

Result<ImportReport> import_stream(sql::Connection& connection, ImportKind kind,
                                   std::istream& lines, WallTime now) {
    auto reader = TRY(rows::Reader::open("rows", rows::over_stream(lines), rows::Format::jsonl));
    ImportState state{.kind = kind, .started = now, .now = now};
    const ImportSettings settings;
    Job job(connection, TRY(taker_of(kind, connection, now)), std::move(reader), settings, 0);
    TRY(job.begin("rows", state));
    TRY(run(job, state, settings, 0));
    TRY(tell_news(connection));
    return std::move(state.report);
}

}  // namespace vitrine::central
