#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/bundle/keys.hpp"
#include "sync/bundle/package.hpp"
#include "sync/bundle/topics.hpp"
#include "sync/central/members.hpp"
#include "sync/central/trainer.hpp"
#include "sync/sql/sql.hpp"
#include "sync/uplink/link.hpp"

namespace vitrine::central {

/// Keys of so many periods of 18.2 hours travel ahead: a shop without the network recognises
/// members for about six days.
inline constexpr std::size_t kHorizonPeriods = 9;

/// Packs what shops need to know, signs it, and sees that the broker retains the newest of each
/// kind for each shop. It compares contents: what has not changed is not published again, but given
/// to a broker that forgot it.
class Publisher {
  public:
    struct Settings {
        TenantId tenant;
    };

    Publisher(Settings settings, sql::Connection& connection, Members& members, Trainer& trainer,
              const bundle::SecretKey& key)
        : settings_(settings),
          connection_(connection),
          members_(members),
          trainer_(trainer),
          key_(key) {}

    /// Something that a kind is made of changed: it is looked at again at the next `refresh`.
    void touched(bundle::Kind kind) { due_[static_cast<std::size_t>(kind)] = true; }
    void touched_all() { due_.fill(true); }

    /// Packs what is due and different, for every shop. Errors leave the rest published as it was.
    Result<void> refresh(WallTime now);

    /// The broker may know nothing: everything goes out again.
    void republish();

    /// Another worker publishes from now on: nothing waits any more.
    void stand_down() {
        outgoing_.clear();
        kept_.clear();
    }

    /// Hands to the link what waits, as much as it takes.
    void pump(uplink::Link& link);

    bool idle() const { return outgoing_.empty(); }

    /// For the console.
    struct Published {
        StoreId store;
        bundle::Kind kind = bundle::Kind::catalogue;
        Epoch epoch;
        WallTime at;
        std::uint64_t bytes = 0;
    };
    std::vector<Published> published() const;

  private:
    struct Kept {
        bundle::Package package;
        Published published;
        std::uint32_t old_chunks = 0;  ///< Of the epoch before, to be taken off the broker.
        Epoch old_epoch;
    };
    /// The bundle's row in the database.
    struct Known {
        Epoch epoch;
        Digest content{};
        WallTime published;
        std::uint32_t chunks = 0;
    };
    using Key = std::pair<StoreId, bundle::Kind>;

    Result<std::vector<StoreId>> stores();
    Result<void> refresh(bundle::Kind kind, std::span<const StoreId> stores, WallTime now);
    Result<void> refresh_profiles(std::span<const StoreId> stores, WallTime now);
    /// What to publish; nothing where the shop's newest bundle has this content already.
    Result<std::optional<Kept>> changed(const Key& key, const Digest& content, Epoch fresh,
                                        WallTime now);
    Result<std::optional<Known>> known(StoreId store, bundle::Kind kind);
    Result<void> publish(Kept kept, ByteView payload, const Digest& content);
    Result<Bytes> content(bundle::Kind kind, Epoch epoch, WallTime now);
    Result<Bytes> setting(const char* key, std::string_view otherwise);
    Result<Epoch> next_epoch(bundle::Kind kind);
    void queue(const Key& key, const Kept& kept);

    const Settings settings_;
    sql::Connection& connection_;
    Members& members_;
    Trainer& trainer_;
    const bundle::SecretKey& key_;
    std::array<bool, bundle::kKinds> due_{};
    std::map<Key, Kept> kept_;
    std::deque<uplink::Publication> outgoing_;
};

}  // namespace vitrine::central
