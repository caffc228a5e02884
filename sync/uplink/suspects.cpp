#include <algorithm>
#include <utility>

#include "sync/uplink/state.hpp"

// What does not get through while others do.
namespace vitrine::uplink {
namespace {

constexpr unsigned kDoublingsMax = 16;

}  // namespace

std::chrono::nanoseconds Uplink::State::pause_after(unsigned tries) {
    if (tries <= 1) return jittered(settings.settle);
    const auto delay = patience() * (1U << std::min(tries - 2, kDoublingsMax));
    return jittered(std::min<std::chrono::nanoseconds>(delay, settings.backoff_max));
}

/// One batch at a time is taken apart: where nothing gets through, the others stay whole.
bool Uplink::State::first_under_suspicion(std::size_t index) const {
    const auto before = batches.begin() + static_cast<std::ptrdiff_t>(index);
    return std::none_of(batches.begin(), before, [this](const Batch& batch) {
        return !batch.trial.alone && batch.trial.tries >= settings.tries_together;
    });
}

/// True if the batch is gone. It may also have been halved: both halves are due at once.
bool Uplink::State::did_not_get_through(std::size_t index, std::string_view why, bool blameless,
                                        Instant now) {
    Batch& batch = batches[index];
    Trial& trial = batch.trial;
    const bool others_did = std::exchange(trial.passed, passed) < passed;
    batch.ticket.reset();
    ++trial.tries;
    batch.resend_at = now + pause_after(trial.tries);
    if (blameless) return false;
    if (count_of(batch.open) > 1) {
        // It waits for its turn to be halved, but not long.
        batch.resend_at = now + pause_after(std::min(trial.tries, settings.tries_together + 1));
        if (trial.tries > settings.tries_together && first_under_suspicion(index)) {
            split(index, now);
        }
        return false;
    }
    trial.alone = trial.alone || trial.tries > settings.tries_together;
    if (others_did) ++trial.strikes;
    if (trial.strikes < settings.tries_alone) return false;
    if (!set_aside(batch.open.front().first, why)) return false;
    batches.erase(batches.begin() + static_cast<std::ptrdiff_t>(index));
    return true;
}

void Uplink::State::split(std::size_t index, Instant now) {
    Batch& rest = batches[index];
    Batch half = rest;
    half.open = take_first(rest.open, count_of(rest.open) / 2);
    for (Batch* part : {&half, &rest}) {
        const bool alone = count_of(part->open) == 1;
        part->records = count_of(part->open);
        part->bytes = std::max<std::size_t>(1, part->bytes / 2);
        part->resend_at = now;
        part->trial = {.tries = alone ? 1 : settings.tries_together,
                       .strikes = 0,
                       .passed = passed,
                       .alone = alone};
    }
    batches.insert(batches.begin() + static_cast<std::ptrdiff_t>(index), std::move(half));
}

/// False when the outbox could not do it now.
bool Uplink::State::set_aside(Sequence sequence, std::string_view why) {
    const auto aside = outbox.set_aside(sequence, why);
    if (aside) ++progress.unsendable;
    if (aside || aside.error().code == ErrorCode::not_found) return true;
    trouble(aside.error());
    return false;
}

/// The link went down while a probe was on its way. Each time the next one is smaller; a record of
/// which it dies again and again is left out.
void Uplink::State::blame_probe(Instant now) {
    if (probe->records > 1) {
        probe_limit = std::max<std::size_t>(1, probe->records / 2);
        return;
    }
    const outbox::SequenceRange record = probe->range;
    deaths = died_with == record.first ? deaths + 1 : 1;
    died_with = record.first;
    if (deaths < settings.tries_together) return;
    const auto at = std::ranges::find_if(
        batches, [&](const Batch& batch) { return overlap(batch.open, record); });
    if (at == batches.end()) return;
    Batch single = *at;
    single.open = {record};
    single.records = 1;
    single.bytes = probe->bytes;
    single.resend_at = now + pause_after(deaths);
    single.trial = {.tries = deaths, .strikes = 0, .passed = passed, .alone = true};
    subtract(at->open, record);
    if (at->open.empty()) {
        *at = std::move(single);
    } else {
        batches.insert(at, std::move(single));
    }
    deaths = 0;
    probe_limit = settings.probe_records_max;
}

}  // namespace vitrine::uplink
