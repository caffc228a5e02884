#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/daemon/bundle_cache.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/courier.hpp"
#include "agent/daemon/keeper.hpp"
#include "agent/daemon/radio_source.hpp"
#include "agent/daemon/web.hpp"
#include "agent/engine/engine.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "agent/host/metrics.hpp"
#include "sync/outbox/outbox.hpp"

namespace vitrine::daemon {

/// One shop's agent: all parts put together around the engine. Everything happens on the loop's
/// thread. A step is: input into the engine, its records and memos into the outbox, its screens
/// onto the pages.
class Shop final : public scanner::AdvertSink {
  public:
    /// Opens everything and loads what is cached; after it the kiosks can be served. Errors name
    /// what cannot be had.
    static Result<std::unique_ptr<Shop>> open(Config config, presence::Calibration calibration,
                                              host::Loop& loop, const Clock& clock, host::Log& log);
    ~Shop() override;

    /// Starts the radio and the way to the centre.
    Result<void> start();
    /// Ends visits of the screens and hands over to `done` once the last answers are out.
    void stop(std::function<void()> done);

    std::uint16_t port() const { return web_->port(); }
    /// For the service manager: "3 kiosks, radio passive, centre reachable, 0 records waiting".
    std::string status() const;

    void on_advert(const radio::Advert& advert) override;

  private:
    class Desk;
    /// The memo of what was applied.
    static constexpr std::string_view kLedgerKey = "bundles/ledger";

    Shop(Config config, presence::Calibration calibration, host::Loop& loop, const Clock& clock,
         host::Log& log, outbox::Outbox outbox, BundleCache cache, std::uint64_t seed);

    Result<void> open_parts(std::uint64_t seed);
    void restore();
    void load_cached();
    void load_cached(const Delivery& cached, Instant now);
    Courier::Hooks courier_hooks();
    void add_metrics();
    void add_check_in_metrics();
    void add_outbox_metrics();
    void add_bundle_metrics();
    void open_desk();

    engine::Now moment() const { return {clock_.monotonic(), clock_.wall()}; }
    void step(Waits waits = Waits::nobody);
    void step_soon();
    void commit_later(Instant now);
    void look_around();
    void report();
    void show_staff();

    Result<void> take_touch(const session::Touch& touch);
    ClaimAnswer take_claim(std::string_view token, bool use);
    identity::CheckInOutcome take_check_in(const identity::CheckIn& claim);
    void take_receipt(const KioskId& till, const session::Receipt& receipt);
    Result<void> apply_bundle(const Delivery& delivery);
    bool offers_stale() const;
    std::string expired_bundles() const;
    http::Health health() const;

    const Config config_;
    host::Loop& loop_;
    const Clock& clock_;
    host::Log& log_;
    host::Metrics metrics_;
    Rng rng_;
    outbox::Outbox outbox_;
    BundleCache cache_;
    engine::Engine engine_;
    engine::Effects effects_;
    Keeper keeper_;
    std::unique_ptr<scanner::CheckInDesk> desk_;  ///< Null where the radio stands at no kiosk.
    Radio radio_;
    std::unique_ptr<Courier> courier_;
    std::unique_ptr<Web> web_;
    engine::Surroundings surroundings_;
    session::StaffBoard board_;
    bool step_waits_ = false;
    std::uint64_t receipts_ = 0;
    std::uint64_t receipts_repeated_ = 0;
    std::optional<Instant> unreachable_since_;
    host::Timer commit_;
    std::optional<Instant> commit_due_;  ///< When what the keeper has gathered is to be kept.
    std::vector<host::Timer> timers_;
};

}  // namespace vitrine::daemon
