#include "sync/central/packages.hpp"

#include <algorithm>

#include "sync/wire/compress.hpp"
#include "sync/wire/delta.hpp"

namespace vitrine::central {

namespace {

constexpr std::string_view kColumns = "epoch, base, gone, manifest, frame, bytes, chunks";

PackageRow read_row(const sql::Statement& select, StoreId store, bundle::Kind kind) {
    PackageRow row{.ref = {.store = store,
                           .kind = kind,
                           .epoch = Epoch(select.bits(0)),
                           .base = Epoch(select.bits(1)),
                           .gone = select.integer(2) != 0}};
    const ByteView manifest = select.blob(3);
    row.manifest.assign(manifest.begin(), manifest.end());
    const ByteView frame = select.blob(4);
    if (frame.size() == row.frame.size()) std::ranges::copy(frame, row.frame.begin());
    row.bytes = select.bits(5);
    row.chunks = static_cast<std::uint32_t>(select.integer(6));
    return row;
}

}  // namespace

Result<std::vector<PackageRow>> Packages::of(StoreId store, bundle::Kind kind) {
    auto select = TRY(connection_.prepare("SELECT " + std::string(kColumns) +
                                          " FROM bundle_packages WHERE shop = ? AND kind = ? AND "
                                          "gone = 0 ORDER BY epoch, base DESC"));
    select.bind(store.view(), static_cast<int>(kind));
    std::vector<PackageRow> rows;
    while (TRY(select.step())) rows.push_back(read_row(select, store, kind));
    return rows;
}

Result<std::vector<PackageRef>> Packages::all() {
    auto select = TRY(connection_.prepare(
        "SELECT shop, kind, epoch, base, gone FROM bundle_packages ORDER BY gone DESC, kind, shop, "
        "epoch, base DESC"));
    select.bind();
    std::vector<PackageRef> refs;
    while (TRY(select.step())) {
        const std::int64_t kind = select.integer(1);
        if (kind < 0 || kind >= static_cast<std::int64_t>(bundle::kKinds)) continue;
        refs.push_back({.store = TRY(StoreId::parse(select.text(0))),
                        .kind = static_cast<bundle::Kind>(kind),
                        .epoch = Epoch(select.bits(2)),
                        .base = Epoch(select.bits(3)),
                        .gone = select.integer(4) != 0});
    }
    return refs;
}

Result<std::optional<PackageRow>> Packages::find(const PackageRef& ref) {
    auto select = TRY(connection_.prepare(
        "SELECT " + std::string(kColumns) +
        " FROM bundle_packages WHERE shop = ? AND kind = ? AND epoch = ? AND base = ?"));
    select.bind(ref.store.view(), static_cast<int>(ref.kind), ref.epoch.value(), ref.base.value());
    if (!TRY(select.step())) return std::optional<PackageRow>();
    return std::optional(read_row(select, ref.store, ref.kind));
}

Result<void> Packages::add(const PackageRef& ref, ByteView manifest, const bundle::Packed& packed) {
    const Digest& frame = packed.frame_digest;
    auto there = TRY(connection_.prepare("SELECT 1 FROM bundle_chunks WHERE frame = ?"));
    const bool known = TRY(there.bind(ByteView(frame)).step());
    there.reset();
    auto insert = TRY(
        connection_.prepare("INSERT INTO bundle_chunks (frame, chunk, content) VALUES (?, ?, ?)"));
    if (!known) {
        std::int64_t number = 0;
        for (const Bytes& chunk : bundle::cut(packed.frame, bundle::kChunkBytesMax)) {
            TRY(insert.bind(ByteView(frame), number++, chunk).run());
        }
    }
    auto package = TRY(connection_.prepare(
        "INSERT INTO bundle_packages (shop, kind, epoch, base, gone, manifest, frame, bytes, "
        "chunks) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT (shop, kind, epoch, base) DO "
        "UPDATE SET gone = 0, manifest = excluded.manifest, frame = excluded.frame, bytes = "
        "excluded.bytes, chunks = excluded.chunks"));
    package.bind(ref.store.view(), static_cast<int>(ref.kind), ref.epoch.value(), ref.base.value(),
                 manifest, ByteView(frame), packed.frame.size(), packed.chunks.size());
    return package.run();
}

Result<void> Packages::mark_gone(const PackageRow& row) {
    auto update = TRY(connection_.prepare(
        "UPDATE bundle_packages SET gone = 1 WHERE shop = ? AND kind = ? AND epoch = ? AND base = "
        "?"));
    update.bind(row.ref.store.view(), static_cast<int>(row.ref.kind), row.ref.epoch.value(),
                row.ref.base.value());
    TRY(update.run());
    auto shared = TRY(connection_.prepare(
        "DELETE FROM bundle_chunks WHERE frame = ? AND NOT EXISTS (SELECT 1 FROM bundle_packages "
        "WHERE frame = ? AND gone = 0)"));
    return shared.bind(ByteView(row.frame), ByteView(row.frame)).run();
}

Result<void> Packages::drop(const PackageRef& ref) {
    auto remove = TRY(connection_.prepare(
        "DELETE FROM bundle_packages WHERE shop = ? AND kind = ? AND epoch = ? AND base = ? AND "
        "gone = 1"));
    remove.bind(ref.store.view(), static_cast<int>(ref.kind), ref.epoch.value(), ref.base.value());
    return remove.run();
}

Result<Bytes> Packages::chunk(const Digest& frame, std::uint32_t number) {
    auto select =
        TRY(connection_.prepare("SELECT content FROM bundle_chunks WHERE frame = ? AND chunk = ?"));
    if (!TRY(select.bind(ByteView(frame), number).step())) return not_found("a chunk is not there");
    const ByteView content = select.blob(0);
    return Bytes(content.begin(), content.end());
}

Result<Bytes> Packages::frame(const PackageRow& row) {
    auto select = TRY(
        connection_.prepare("SELECT content FROM bundle_chunks WHERE frame = ? ORDER BY chunk"));
    select.bind(ByteView(row.frame));
    Bytes frame;
    frame.reserve(row.bytes);
    while (TRY(select.step())) {
        const ByteView content = select.blob(0);
        frame.insert(frame.end(), content.begin(), content.end());
    }
    if (frame.size() != row.bytes) return corrupt("a bundle's chunks are not all there");
    return frame;
}

Result<Bytes> Packages::payload(const std::vector<PackageRow>& rows) {
    const auto whole =
        std::ranges::find_if(rows, [](const PackageRow& row) { return row.ref.base == Epoch{}; });
    if (whole == rows.end()) return not_found("no whole bundle");
    Bytes payload = TRY(wire::decompress(TRY(frame(*whole)), bundle::kPayloadBytesMax));
    Epoch at = whole->ref.epoch;
    for (auto row = whole + 1; row != rows.end(); ++row) {
        if (row->ref.base != at) return corrupt("a chain of deltas is broken");
        payload = TRY(wire::apply_difference(payload, TRY(frame(*row)), bundle::kPayloadBytesMax));
        at = row->ref.epoch;
    }
    return payload;
}

Result<std::size_t> Packages::resign(const bundle::SecretKey& key) {
    std::size_t count = 0;
    auto update = TRY(connection_.prepare(
        "UPDATE bundle_packages SET manifest = ? WHERE shop = ? AND kind = ? AND epoch = ? AND "
        "base = ?"));
    for (const PackageRef& ref : TRY(all())) {
        if (ref.gone) continue;
        const auto row = TRY(find(ref));
        if (!row || bundle::signer_of(row->manifest) == key.public_key()) continue;
        const Bytes manifest = TRY(bundle::resign(row->manifest, key));
        update.bind(manifest, ref.store.view(), static_cast<int>(ref.kind), ref.epoch.value(),
                    ref.base.value());
        TRY(update.run());
        ++count;
    }
    return count;
}

}  // namespace vitrine::central
