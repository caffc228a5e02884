#include "sync/central/publisher.hpp"

namespace vitrine::central {

/// False where nothing waits. What was superseded meanwhile needs no sending.
bool Publisher::begin_sending() {
    while (!sending_ && !waiting_.empty()) {
        const PackageRef ref = waiting_.front();
        auto row = packages_.find(ref);
        if (!row) return false;  // The database is away: later.
        waiting_.pop_front();
        if (*row && (*row)->ref.gone == ref.gone) sending_ = Sending{.row = std::move(**row)};
    }
    return sending_.has_value();
}

/// The chunks, and then the manifest that announces them; of what is gone, the manifest first.
/// Nothing where the database is away.
std::optional<uplink::Publication> Publisher::next_publication() {
    const PackageRow& row = sending_->row;
    const PackageRef& ref = row.ref;
    const bool whole = ref.base == Epoch{};
    const std::uint32_t manifest_at = ref.gone ? 0 : row.chunks;
    std::optional<Epoch> base;
    if (!whole) base = ref.base;
    bundle::Leaf leaf = bundle::DownManifest{ref.kind};
    if (!whole) leaf = bundle::DownLink{ref.kind, ref.base};
    Bytes payload;
    if (sending_->next != manifest_at) {
        const std::uint32_t chunk = sending_->next - (ref.gone ? 1 : 0);
        leaf = bundle::DownChunk{ref.kind, ref.epoch, chunk, base};
        if (!ref.gone) {
            auto bytes = packages_.chunk(row.frame, chunk);
            if (!bytes) return std::nullopt;
            payload = std::move(bytes).value();
        }
    } else if (!ref.gone) {
        payload = row.manifest;
    }
    return uplink::Publication{
        .topic = bundle::format_topic({settings_.tenant, ref.store, std::move(leaf)}),
        .payload = std::move(payload),
        .retain = true};
}

void Publisher::finish_sending() {
    // It stays for the next time if it cannot be dropped.
    if (sending_->row.ref.gone) (void)packages_.drop(sending_->row.ref);
    sending_.reset();
}

void Publisher::pump(uplink::Link& link) {
    while (link.is_up() && begin_sending()) {
        // A whole that is gone was followed by another under the same topic of its manifest.
        const PackageRef& ref = sending_->row.ref;
        if (ref.gone && ref.base == Epoch{} && sending_->next == 0) ++sending_->next;
        auto publication = next_publication();
        if (!publication) return;
        const auto ticket = link.publish(*std::move(publication));
        if (!ticket && ticket.error().code != ErrorCode::invalid) return;
        if (++sending_->next > sending_->row.chunks) finish_sending();
    }
}

}  // namespace vitrine::central
