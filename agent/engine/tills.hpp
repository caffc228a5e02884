#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"

namespace vitrine::engine {

/// Which receipts each till told of last, so that one that comes again counts once. Kept over
/// restarts as bytes, in the transaction of the receipt's own record.
class Tills {
  public:
    static constexpr std::size_t kTillsMax = 64;
    static constexpr std::size_t kReceiptsPerTill = 256;

    /// Whether it is new; then it is remembered, over the till's oldest.
    bool add(const KioskId& till, std::string_view order);
    /// The till that has to be forgotten before another can be added; nothing while there is room.
    std::optional<KioskId> in_the_way_of(const KioskId& till) const;
    void forget(const KioskId& till) { tills_.erase(till); }

    /// One till as bytes and back; `corrupt` on bytes that this did not write.
    Bytes encode(const KioskId& till) const;
    Result<void> restore(const KioskId& till, ByteView bytes);

  private:
    std::map<KioskId, std::deque<std::uint64_t>> tills_;  ///< Hashes, oldest first.
};

}  // namespace vitrine::engine
