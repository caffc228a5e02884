#include "agent/daemon/shop.hpp"

namespace vitrine::daemon {

void Shop::add_metrics() {
    auto heard =
        metrics_.counter("vitrine_adverts_heard_total", "Advertisements heard, of whomever.");
    auto recognised = metrics_.counter("vitrine_adverts_recognised_total",
                                       "Advertisements of members that consented.");
    auto present =
        metrics_.gauge("vitrine_members_present", "Members who are present and permit it.");
    auto waiting = metrics_.gauge("vitrine_outbox_records", "Records that wait for the centre.");
    auto bytes = metrics_.gauge("vitrine_outbox_bytes", "Their size in bytes.");
    auto lost = metrics_.counter("vitrine_records_lost_total", "Records dropped for want of room.");
    auto up = metrics_.gauge("vitrine_centre_reachable", "1 while the broker is connected.");
    auto sent = metrics_.counter("vitrine_records_sent_total", "Records sent for the first time.");
    auto resent = metrics_.counter("vitrine_records_resent_total", "Records sent again.");
    auto refused =
        metrics_.counter("vitrine_messages_refused_total",
                         "Messages of the broker that were forged, stale or made no sense.");
    auto receipts = metrics_.counter("vitrine_receipts_total", "Receipts that tills told of.");
    auto repeated = metrics_.counter("vitrine_receipts_repeated_total",
                                     "Receipts that came again and were not counted again.");
    auto hearing = metrics_.gauge("vitrine_radio_hearing", "1 while the scanner hears.");
    auto members =
        metrics_.gauge("vitrine_members_recognisable", "Members whose keys cover this period.");
    add_radio_metrics(metrics_, radio_);
    metrics_.on_collect([=, this]() mutable {
        heard.raise_to(engine_.adverts().heard);
        recognised.raise_to(engine_.adverts().recognised);
        present.set(static_cast<double>(engine_.tracker().members_present()));
        const outbox::Counts counts = outbox_.counts();
        waiting.set(static_cast<double>(counts.pending));
        bytes.set(static_cast<double>(counts.bytes));
        std::uint64_t dropped = keeper_.records_lost();
        for (const std::uint64_t each : counts.dropped_by) dropped += each;
        lost.raise_to(dropped);
        receipts.raise_to(receipts_);
        repeated.raise_to(receipts_repeated_);
        hearing.set(radio_.scanner && radio_.scanner->state().hearing() ? 1 : 0);
        members.set(static_cast<double>(engine_.table().member_count() -
                                        engine_.table().unrecognisable_count()));
        if (!courier_) return;
        up.set(courier_->is_up() ? 1 : 0);
        sent.raise_to(courier_->progress().sent);
        resent.raise_to(courier_->progress().resent);
        refused.raise_to(courier_->messages_refused());
    });
}

}  // namespace vitrine::daemon
