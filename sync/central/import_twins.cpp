#include "sync/central/import_twins.hpp"

#include <algorithm>
#include <bit>

namespace vitrine::central {

ImportTwins::ImportTwins(std::uint64_t rows)
    // Half full at most, so that hardly any gives way before its time.
    : buckets_(std::bit_ceil(std::clamp<std::uint64_t>(2 * rows / kWays, 16, kRowsMax / kWays))) {}

ImportTwins::Found ImportTwins::add(std::uint64_t identity, std::uint64_t content) {
    Bucket& bucket = buckets_[identity & (buckets_.size() - 1)];
    for (Entry& entry : bucket.entries) {
        if (entry.identity != identity) continue;
        const bool same = entry.content == content;
        entry.content = content;
        return same ? Found::same : Found::different;
    }
    bucket.entries[bucket.oldest] = {identity, content};
    bucket.oldest = static_cast<std::uint8_t>((bucket.oldest + 1) % kWays);
    return Found::nothing;
}

}  // namespace vitrine::central
