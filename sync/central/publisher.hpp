#pragma once

#include <array>
#include <deque>
#include <functional>
#include <limits>
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
#include "sync/central/packages.hpp"
#include "sync/central/trainer.hpp"
#include "sync/sql/sql.hpp"
#include "sync/uplink/link.hpp"

namespace vitrine::central {

/// Keys of so many periods of 18.2 hours travel ahead: a shop without the network recognises
/// members for about six days.
inline constexpr std::size_t kHorizonPeriods = 9;

/// Packs what shops need to know, signs it, and sees that the broker retains it for each shop: of
/// each kind a whole bundle, and of the large kinds the deltas that lead from it, and from the one
/// before, to the newest. It compares contents: what has not changed is not published again, but
/// given to a broker that forgot it.
///
/// All that is retained is kept in the database (Packages). In memory are at most four payloads of
/// one shop and one kind, the profiles of one round, and a line for each bundle that waits for the
/// broker.
class Publisher {
  public:
    struct Settings {
        TenantId tenant;
        /// Shops to which new profiles are published in one `refresh`: each takes about a third of
        /// a second with 20,000 members.
        std::size_t shops_at_once = std::numeric_limits<std::size_t>::max();
    };
    /// A whole bundle is made anew after so many deltas, …
    static constexpr std::size_t kDeltasMax = 24;
    /// … or when together they are larger than this share of it.
    static constexpr std::uint64_t kDeltaShare = 2;
    /// Who was erased is in nothing that is retained after so long: what older bundles hold of them
    /// is superseded by then. Not at once, because a whole goes to every shop's topic.
    static constexpr std::chrono::hours kForgottenWithin{24};
    /// Shops whose profiles are looked at in one `refresh` without finding news.
    static constexpr std::size_t kLooksMax = 50;

    Publisher(Settings settings, sql::Connection& connection, Members& members, Trainer& trainer,
              const bundle::SecretKey& key)
        : settings_(settings),
          connection_(connection),
          packages_(connection),
          members_(members),
          trainer_(trainer),
          key_(key) {}

    /// Something that a kind is made of changed: it is looked at again at the next `refresh`.
    void touched(bundle::Kind kind) { due_[static_cast<std::size_t>(kind)] = true; }
    void touched_all() { due_.fill(true); }

    /// Packs what is due and different. Profiles, which differ from shop to shop, take several
    /// calls (`behind`); everything else is done at once, before them. Errors leave the rest
    /// published as it was.
    Result<void> refresh(WallTime now);
    /// There is more to do: call `refresh` soon.
    bool behind() const { return round_.has_value(); }

    /// The broker may know nothing: everything goes out again, with the next `refresh`.
    void republish() { loaded_ = false; }

    /// Another worker publishes from now on: nothing waits any more.
    void stand_down();

    /// Hands to the link what waits, as much as it takes.
    void pump(uplink::Link& link);

    bool idle() const { return waiting_.empty() && !sending_; }

    /// What was published last, by whichever worker.
    struct Published {
        StoreId store;
        bundle::Kind kind = bundle::Kind::catalogue;
        Epoch epoch;
        WallTime at;
        std::uint64_t bytes = 0;
    };
    Result<std::vector<Published>> published() const;

  private:
    /// The bundle's row in the database.
    struct Known {
        Epoch oldest;  ///< Of what is retained.
        Digest content{};
    };
    using Key = std::pair<StoreId, bundle::Kind>;
    /// What a shop is to get.
    struct News {
        Published published;
        Digest content{};  ///< As contents are compared.
        /// What is retained from before may name somebody who was erased: only what says nothing of
        /// them stays.
        bool forget = false;
    };
    struct Payload {
        Bytes bytes;
        Digest digest{};
    };
    /// The profiles of one moment, on their way to every shop.
    struct Round {
        wire::ProfilesBundle profiles;
        Digest common{};
        Epoch fresh;
        std::vector<StoreId> stores;
        std::size_t next = 0;
    };
    /// Many shops get the same: what was unpacked and packed last.
    struct Memo {
        std::optional<Digest> tail;  ///< The last frame of the chain that gives `base`.
        Bytes base;
        std::optional<bundle::Packed> delta;
        std::optional<bundle::Packed> whole;
    };
    /// A bundle on its way to the broker.
    struct Sending {
        PackageRow row;
        std::uint32_t next = 0;
    };

    Result<void> load();
    Result<std::vector<StoreId>> stores();
    Result<void> refresh(bundle::Kind kind, std::span<const StoreId> stores, WallTime now);
    Result<void> begin_round(std::span<const StoreId> stores, WallTime now);
    Result<void> go_on(WallTime now);
    /// What to publish; nothing where the shop's newest bundle has this content already.
    Result<std::optional<News>> changed(const Key& key, const Digest& content, Epoch fresh,
                                        WallTime now);
    Result<std::optional<Known>> known(StoreId store, bundle::Kind kind);
    Result<void> look_for_erasures(WallTime now);
    bool holds_erased(const Known& known, bundle::Kind kind) const;
    Result<void> publish(const News& news, const Payload& payload);
    /// All of it is kept and announced, or nothing.
    Result<void> together(const std::function<Result<void>()>& steps);
    /// The delta to a payload, where there is one and it is worth its while.
    Result<const bundle::Packed*> delta_to(const Payload& payload,
                                           const std::vector<PackageRow>& rows);
    Result<const bundle::Packed*> whole_of(const Payload& payload);
    Result<void> add(const PackageRef& ref, const Published& published,
                     const bundle::Packed& packed);
    Result<void> take_off(const PackageRow& row);
    Result<Bytes> content(bundle::Kind kind, Epoch epoch, WallTime now);
    Result<Bytes> setting(const char* key, std::string_view otherwise);
    Result<Epoch> next_epoch(bundle::Kind kind, WallTime now);
    bool begin_sending();
    std::optional<uplink::Publication> next_publication();
    void finish_sending();

    const Settings settings_;
    sql::Connection& connection_;
    Packages packages_;
    Members& members_;
    Trainer& trainer_;
    const bundle::SecretKey& key_;
    std::array<bool, bundle::kKinds> due_{};
    bool loaded_ = false;
    /// The second of the last erasure that nothing retained may hold any more.
    std::uint64_t erased_ = 0;
    std::optional<Round> round_;
    Memo memo_;
    std::deque<PackageRef> waiting_;
    std::optional<Sending> sending_;
};

}  // namespace vitrine::central
