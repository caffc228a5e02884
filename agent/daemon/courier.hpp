#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "agent/base/random.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/downlink.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "agent/profiles/stock.hpp"
#include "agent/session/receipt.hpp"
#include "sync/outbox/outbox.hpp"
#include "sync/uplink/link.hpp"
#include "sync/uplink/uplink.hpp"

namespace vitrine::daemon {

/// The shop's way to the centre: records up, bundles, weather and stock down. Decides nothing;
/// uplink and downlink do.
class Courier {
  public:
    struct Hooks {
        /// A complete bundle: kept, and applied unless it is behind, when it returns without an
        /// error.
        std::function<Result<void>(const Delivery&)> apply;
        /// What is in place of a kind; without it every bundle comes whole.
        Downlink::BaseOf base_of;
        /// A chunk of a bundle that is not complete yet; may be left out.
        std::function<void(const Downlink::Taken&, ByteView)> keep_chunk;
        std::function<void(int)> weather;
        std::function<void(profiles::Stock)> stock;
        std::function<void(const KioskId& till, const session::Receipt&)> receipt;
    };

    /// Makes the link, given the last will and where its events go.
    using MakeLink = std::function<Result<std::unique_ptr<uplink::Link>>(
        uplink::Publication will, std::function<void(uplink::LinkEvent)> on_event)>;

    /// `invalid` for settings that can never work.
    static Result<std::unique_ptr<Courier>> create(const Config& config, host::Loop& loop,
                                                   const Clock& clock, host::Log& log,
                                                   outbox::Outbox& outbox, Rng& rng,
                                                   std::vector<bundle::PublicKey> trusted,
                                                   Hooks hooks);
    /// The same over any link; its events must not come before this has returned.
    static Result<std::unique_ptr<Courier>> over(const MakeLink& make_link, const Config& config,
                                                 const Clock& clock, host::Log& log,
                                                 outbox::Outbox& outbox, Rng& rng,
                                                 std::vector<bundle::PublicKey> trusted,
                                                 Hooks hooks);

    /// Subscribes; the link connects by itself.
    Result<void> start();
    /// Sends what is due: after each append, and at least every 100 ms.
    void tick(Instant now);
    /// When `tick` has something to do without an event; nothing while it has not.
    std::optional<Instant> wake_at() const;

    Downlink& downlink() { return downlink_; }
    const uplink::Progress& progress() const { return uplink_->progress(); }
    bool is_up() const { return link_->is_up(); }
    /// What came from the broker and was not believed, or made no sense.
    std::uint64_t messages_refused() const { return messages_refused_; }
    /// What the broker did not let us hear; the link asks again by itself.
    std::uint64_t subscriptions_refused() const { return subscriptions_refused_; }

  private:
    Courier(const Config& config, const Clock& clock, host::Log& log,
            std::vector<bundle::PublicKey> trusted, Hooks hooks);

    void on(const uplink::LinkEvent& event);
    void on_message(const uplink::Message& message);
    void on_bundle(const bundle::Topic& topic, const uplink::Message& message);
    void bring_up_to_date(Instant now);
    void apply(const Delivery& delivery);
    void ask(Instant now);
    void on_context(std::string_view what, std::string_view payload);
    void on_till(const KioskId& till, std::string_view payload);
    void on_acknowledgement(const uplink::Message& message);
    void refuse(std::string_view what, std::string_view reason);
    void complain(std::string_view what, std::string_view reason);
    uplink::Publication status(bool online) const;

    const Config& config_;
    const Clock& clock_;
    host::Log& log_;
    Hooks hooks_;
    Downlink downlink_;
    std::unique_ptr<uplink::Link> link_;
    std::unique_ptr<uplink::Uplink> uplink_;
    std::set<std::string> asked_;  ///< Topics of deltas and chunks.
    Instant manifests_due_ = Instant::min();
    std::uint64_t messages_refused_ = 0;
    std::uint64_t subscriptions_refused_ = 0;
    int complaints_ = 0;
    Instant complaints_until_ = Instant::min();
};

}  // namespace vitrine::daemon
