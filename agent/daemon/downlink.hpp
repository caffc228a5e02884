#pragma once

#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/daemon/bundle_cache.hpp"
#include "sync/bundle/epoch_ledger.hpp"
#include "sync/bundle/package.hpp"
#include "sync/bundle/topics.hpp"

namespace vitrine::daemon {

/// Puts bundles together from the messages of the broker, which come in any order, more than once,
/// and from anybody. Opens nothing: whoever owns it keeps and applies what it delivers.
class Downlink {
  public:
    /// Chunks that come before their manifest wait up to this many bytes; then the oldest go and
    /// are asked for again.
    static constexpr std::size_t kEarlyBytesMax = 16U << 20;

    Downlink(bundle::Destination here, std::vector<bundle::PublicKey> trusted);

    /// A manifest or chunk. Returns a bundle once it is complete. Errors are about this message
    /// alone: `denied` for a forged one, `conflict` for one that is not newer than what was
    /// applied, `invalid` for what makes no sense.
    Result<std::optional<Delivery>> on(const bundle::Topic& topic, ByteView payload, WallTime now);

    /// To be called once a delivery is in place: its epoch and older ones are refused from then on.
    void applied(const Delivery& delivery);

    /// Something was promised and has not come since `patience` ago: subscribe again, so that the
    /// broker repeats what it retains.
    bool wants_repeat(Instant now);
    static constexpr std::chrono::seconds kPatience{5};

    /// What was applied, kept over restarts with the memos.
    Bytes ledger() const { return ledger_.encode(); }
    Result<void> restore_ledger(ByteView bytes);

    /// The signed manifest of the last delivery, for the cache.
    const Bytes& signed_manifest(bundle::Kind kind) const {
        return signed_[static_cast<std::size_t>(kind)];
    }

  private:
    Result<std::optional<Delivery>> on_manifest(bundle::Kind kind, ByteView payload, WallTime now);
    Result<std::optional<Delivery>> on_chunk(const bundle::DownChunk& chunk, ByteView payload);
    Result<std::optional<Delivery>> finish(bundle::Kind kind);
    void keep_early(const bundle::DownChunk& chunk, ByteView payload);

    using EarlyKey = std::tuple<bundle::Kind, Epoch, std::uint32_t>;

    const bundle::Destination here_;
    const std::vector<bundle::PublicKey> trusted_;
    bundle::EpochLedger ledger_;
    std::array<std::optional<bundle::Assembler>, bundle::kKinds> assembling_;
    std::array<std::optional<Epoch>, bundle::kKinds> current_;
    std::array<Bytes, bundle::kKinds> signed_;
    std::map<EarlyKey, Bytes> early_;
    std::size_t early_bytes_ = 0;
    std::optional<Instant> waiting_since_;
};

}  // namespace vitrine::daemon
