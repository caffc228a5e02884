#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/base/ids.hpp"
#include "agent/session/record.hpp"

namespace vitrine::wire {

/// Who a record is for ever: the outbox that numbered it, and its number there.
struct RecordIdentity {
    StoreId store;
    AgentId agent;
    std::uint64_t epoch = 0;  ///< The outbox's epoch (outbox::OutboxEpoch).
    Sequence sequence;
    friend auto operator<=>(const RecordIdentity&, const RecordIdentity&) = default;
};

/// A larger event is refused in both directions; it is also what an outbox takes at most.
inline constexpr std::size_t kEventBytesMax = 128U << 10;

/// One record as a CloudEvents 1.0 event in JSON (docs/sync.md). The same record and identity give
/// the same bytes. Errors: `invalid`, naming the field, for what JSON or the format cannot carry (a
/// number that is not finite, a time outside the years 0 to 9999, text that is not UTF-8, a count
/// out of its bounds); `exhausted` above kEventBytesMax.
Result<std::string> encode_record(const session::Record& record, const RecordIdentity& identity);

/// An event as it came in.
struct DecodedRecord {
    RecordIdentity identity;
    std::string type;
    /// Whom the event names, also where its type is not known.
    std::optional<MemberId> subject;
    /// Nothing where the type is not known to this program (yet): it is kept as it is and merged
    /// after an upgrade.
    std::optional<session::Record> record;
};

/// Reads what `encode_record` wrote, and nothing else: an unknown field of a known type, a field
/// twice, a number out of its bounds are `invalid`, naming the field. Unknown CloudEvents extension
/// attributes are skipped, as the specification asks.
Result<DecodedRecord> decode_record(std::string_view event);

/// Only who an event is, for one that `decode_record` refuses: it can then be set aside and
/// acknowledged. `invalid` where not even that can be told.
Result<RecordIdentity> decode_identity(std::string_view event);

}  // namespace vitrine::wire
