#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/daemon/bundle_cache.hpp"
#include "sync/bundle/epoch_ledger.hpp"
#include "sync/bundle/package.hpp"
#include "sync/bundle/topics.hpp"

namespace vitrine::daemon {

/// Brings a shop's bundles up to date from what a broker retains: decides what to ask it for, puts
/// that together, and hands out what is complete in the order in which it is to be applied.
/// Messages may come in any order, more than once, late, never, and from anybody; a broker can
/// delay a shop, and nothing else. Opens nothing and reads no clock: whoever owns it subscribes,
/// keeps and applies.
///
/// Of each kind it wants the delta on top of what is in place; where there is none, the whole. It
/// asks for chunks one by one, so that one that is here, kept over a restart too, is not sent
/// again, and a reconnect costs manifests only.
class Downlink {
  public:
    /// The payload in place, from the cache: a delta is put on top of it.
    using BaseOf = std::function<Result<Bytes>(bundle::Kind)>;

    /// Chunks asked for at a time, of each kind.
    static constexpr std::size_t kWindow = 16;
    /// A whole bundle waits so long for a delta that would save it.
    static constexpr std::chrono::seconds kDeltaGrace{3};
    /// After a connect the manifests of what has to come first have so long, …
    static constexpr std::chrono::seconds kSettle{1};
    /// … and the next delta of a chain after the one before.
    static constexpr std::chrono::milliseconds kFollow{300};
    /// What is announced holds back the kinds behind it until nothing of it came for so long.
    static constexpr std::chrono::seconds kHold{30};
    /// What was asked for and did not come is asked for again: so often while it holds others back,
    /// then half as often each time.
    static constexpr std::chrono::seconds kPatience{5};
    static constexpr std::chrono::seconds kPatienceMax{60};
    static constexpr std::chrono::milliseconds kLookEvery{250};

    Downlink(TenantId tenant, StoreId store, std::vector<bundle::PublicKey> trusted,
             BaseOf base_of);

    /// The broker can be asked from now on.
    void connected(Instant now) { settled_at_ = now + kSettle; }

    /// A chunk that was taken and is worth keeping over a restart.
    struct Taken {
        bundle::Kind kind = bundle::Kind::catalogue;
        ByteView signed_manifest;  ///< Of this downlink, until its next call.
        std::uint32_t chunk = 0;
    };
    /// Bundles of fewer chunks are not worth a file.
    static constexpr std::size_t kChunksWorthKeeping = 4;

    /// A manifest or chunk. Errors are about this message alone: `denied` for a forged one,
    /// `invalid` for what makes no sense.
    Result<std::optional<Taken>> on(const bundle::Topic& topic, ByteView payload, Instant now);

    /// The chunks of a download that a restart cut off.
    void resume(bundle::Kind kind, const Partial& partial, Instant now);

    /// The next bundle to apply, if one is complete and none has to come before it. Answer with
    /// `applied` or `refused`.
    std::optional<Delivery> next(WallTime wall, Instant now);
    /// It is in place: kept, and applied unless it is `behind`. Also for what the cache had.
    void applied(const Delivery& delivery, Instant now);
    /// It cannot be used, now or later: it is not asked for again.
    void refused(const Delivery& delivery);
    /// Older than what was applied before and was lost: the base of what comes, not to be applied.
    bool is_behind(const bundle::VerifiedManifest& manifest) const;

    /// What to subscribe to now, beside every kind's manifest; the rest can be ended.
    std::set<std::string> wanted(Instant now);
    /// What was asked for does not come: end the subscriptions to chunks and begin them again.
    bool wants_repeat(Instant now);

    /// When time alone can change what it does; nothing while it waits for nothing.
    std::optional<Instant> wake_at() const;

    /// What was applied, kept over restarts with the memos.
    Bytes ledger() const { return ledger_.encode(); }
    Result<void> restore_ledger(ByteView bytes);

    struct Present {
        bundle::Base state;
        bundle::PublicKey signer{};
        WallTime published;
        WallTime expires;
        bool behind = false;
    };
    const std::optional<Present>& present(bundle::Kind kind) const { return line(kind).present; }
    /// Bytes of chunks taken since the start.
    std::uint64_t bytes_taken() const { return bytes_taken_; }
    /// The last thing that did not fit, for people; empty where there was none.
    const std::string& trouble() const { return trouble_; }

  private:
    struct Announced {
        bundle::VerifiedManifest verified;
        Bytes bytes;
    };
    struct Download {
        bundle::Assembler chunks;
        Bytes signed_manifest;
    };
    /// What is known of one kind.
    struct Line {
        std::optional<Present> present;
        std::optional<Announced> whole;
        std::optional<Announced> delta;  ///< On top of what was in place when it came.
        std::optional<Download> download;
        std::optional<Digest> unusable;     ///< The payload that could not be applied.
        bool deltas_fail = false;           ///< From this base: the whole it is.
        Instant changed = Instant::min();   ///< `whole` or `present` did.
        Instant progress = Instant::min();  ///< Pending since, or a chunk came.
        bool pending = false;
    };

    const Line& line(bundle::Kind kind) const { return lines_[static_cast<std::size_t>(kind)]; }
    Line& line(bundle::Kind kind) { return lines_[static_cast<std::size_t>(kind)]; }
    bundle::Destination here() const { return {tenant_, store_, trusted_}; }

    Result<void> on_manifest(const bundle::Topic& topic, ByteView payload, Instant now);
    Result<std::optional<Taken>> on_chunk(const bundle::DownChunk& chunk, ByteView payload,
                                          Instant now);
    bool usable(const Announced& announced, const Line& line) const;
    bool adopts(const Announced& announced, const Line& line) const;
    const Announced* target(const Line& line, Instant now) const;
    bool waits_for_delta(const Line& line, Instant now) const;
    void look(Line& line, Instant now);
    bool stalled(const Line& line, Instant now) const { return now >= line.progress + kHold; }
    std::optional<Delivery> finish(bundle::Kind kind, WallTime wall);

    const TenantId tenant_;
    const StoreId store_;
    const std::vector<bundle::PublicKey> trusted_;
    const BaseOf base_of_;
    bundle::EpochLedger ledger_;
    std::array<Line, bundle::kKinds> lines_;
    Instant settled_at_ = Instant::min();
    std::chrono::seconds patience_ = kPatience;
    std::optional<Instant> asked_;
    Instant looked_ = Instant::min();
    std::uint64_t bytes_taken_ = 0;
    std::string trouble_;
};

}  // namespace vitrine::daemon
