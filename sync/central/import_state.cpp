#include "sync/central/import_state.hpp"

namespace vitrine::central {

namespace {

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }
WallTime time_of(std::int64_t ms) { return wall_at(std::chrono::milliseconds(ms)); }

}  // namespace

Result<bool> stopped_with_other_content(sql::Connection& connection, const ImportState& state) {
    auto select =
        TRY(connection.prepare("SELECT content, finished FROM imports WHERE kind = ? AND file = ? "
                               "ORDER BY updated DESC LIMIT 1"));
    select.bind(name_of(state.kind), state.file);
    if (!TRY(select.step())) return false;
    return select.text(0) != state.content && select.integer(1) == 0;
}

Result<bool> load_state(sql::Connection& connection, ImportState& state, bool resume) {
    if (!resume) return false;
    auto select = TRY(
        connection.prepare("SELECT started, finished, position, line, refused_bytes, report FROM "
                           "imports WHERE kind = ? AND content = ?"));
    select.bind(name_of(state.kind), state.content);
    if (!TRY(select.step())) return false;
    state.started = time_of(select.integer(0));
    state.finished = select.integer(1) != 0;
    state.position = {.bytes = select.bits(2), .line = select.bits(3)};
    state.refused_bytes = select.bits(4);
    state.report = TRY(findings_from(select.text(5)));
    return true;
}

Result<void> keep_state(sql::Connection& connection, const ImportState& state) {
    if (state.content.empty()) return {};
    auto upsert = TRY(connection.prepare(
        "INSERT INTO imports (kind, content, file, started, updated, finished, position, line, "
        "refused_bytes, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, content) "
        "DO UPDATE SET file = excluded.file, started = excluded.started, updated = "
        "excluded.updated, finished = excluded.finished, position = excluded.position, line = "
        "excluded.line, refused_bytes = excluded.refused_bytes, report = excluded.report"));
    const std::string report = findings_json(state.report);
    upsert.bind(name_of(state.kind), state.content, state.file, ms_of(state.started),
                ms_of(state.now), state.finished ? ms_of(state.now) : 0, state.position.bytes,
                state.position.line, state.refused_bytes, report);
    TRY(upsert.run());
    if (!state.finished) return {};
    auto trim = TRY(connection.prepare(
        "DELETE FROM imports WHERE updated < coalesce((SELECT updated FROM imports ORDER BY "
        "updated DESC LIMIT 1 OFFSET ?), 0)"));
    return trim.bind(std::uint64_t{kImportsKept - 1}).run();
}

Result<std::vector<KeptImport>> kept_imports(sql::Connection& connection, std::size_t count) {
    auto select =
        TRY(connection.prepare("SELECT kind, file, started, finished, report FROM imports ORDER BY "
                               "updated DESC, kind LIMIT ?"));
    select.bind(std::uint64_t{count});
    std::vector<KeptImport> all;
    while (TRY(select.step())) {
        KeptImport one{.kind = TRY(import_kind_from(select.text(0))),
                       .file = std::string(select.text(1)),
                       .started = time_of(select.integer(2))};
        if (select.integer(3) != 0) one.finished = time_of(select.integer(3));
        one.report = TRY(findings_from(select.text(4)));
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace vitrine::central
