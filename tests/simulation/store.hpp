#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/daemon/bundle_cache.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/courier.hpp"
#include "agent/daemon/keeper.hpp"
#include "agent/engine/engine.hpp"
#include "agent/host/log.hpp"
#include "sync/outbox/outbox.hpp"
#include "tests/simulation/broker.hpp"
#include "tests/simulation/truth.hpp"
#include "tests/unit/sync/outbox/fault_disk.hpp"

namespace vitrine::simulation {

/// A machine's two clocks: what passed since it booted, and what it takes for the time of day.
class MachineClock final : public Clock {
  public:
    explicit MachineClock(const Context& context) : context_(context) {}
    Instant monotonic() const override { return to_machine(context_.agenda.instant()); }
    WallTime wall() const override { return context_.true_time() + ahead; }

    Instant to_machine(Instant simulated) const {
        return instant_at(std::chrono::seconds(20)) + (simulated - booted);
    }
    Instant to_simulated(Instant machine) const {
        return booted + (machine - instant_at(std::chrono::seconds(20)));
    }

    Instant booted;
    std::chrono::milliseconds ahead{0};

  private:
    const Context& context_;
};

/// One shop: the production engine, keeper, outbox, courier (uplink and downlink) and bundle cache,
/// put together as the daemon does, on a machine whose disk, clock, network and power fail.
class Store {
  public:
    struct Spec {
        StoreId store;
        AgentId agent;
        MachineId machine;
        std::filesystem::path folder;  ///< Empty: everything in memory, and never restarted.
        bundle::PublicKey centre_key{};
    };

    Store(Context& context, Broker& broker, Truth& truth, Spec spec);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    const Spec& spec() const { return spec_; }
    bool is_running() const { return life_ != nullptr; }

    void boot();
    /// A kill; with a power cut what was not synced is lost or torn.
    void crash(bool power_cut);
    /// The same at one of the next writes.
    void crash_soon(bool power_cut);
    /// The machine is gone for good.
    void end();
    void fail_a_sync();
    void set_full(bool full);
    /// Nothing that was about to go wrong does.
    void repair();
    void lose_a_cached_bundle();
    void set_clock(std::chrono::milliseconds ahead) { clock_.ahead = ahead; }
    void set_reachable(bool reachable);
    void cut();

    /// A member walks in, looks at the kiosk, perhaps touches it, and leaves.
    void visit(MemberId member);
    /// Heard now, that is recognised and permitted.
    bool recognises(MemberId member) const;
    void report_health();
    void step();
    /// Without new visits: what waits is committed.
    bool settled();

    std::uint64_t pending();
    /// Epochs of what the engine works with, in the order of bundle::Kind.
    std::array<Epoch, bundle::kKinds> epochs() const;
    bool has_memo_of(MemberId member);
    std::uint64_t resent() const;

  private:
    struct Life;
    struct Visit {
        MemberId member;
        std::uint32_t steps_left = 0;
        std::chrono::milliseconds step{500};
        double touches = 0;  ///< Chance of one a step.
    };

    // store.cpp
    Result<void> open_parts();
    void load_cached();
    void restore();
    Result<void> apply(const daemon::Delivery& delivery);
    void note_applied(const bundle::Manifest& manifest);
    void on_link_event(const uplink::LinkEvent& event,
                       const std::function<void(uplink::LinkEvent)>& courier);
    void keep();
    void note_accepted(Sequence before);
    void note_drops();
    std::uint64_t dropped_by_now() const;
    std::set<Identity> rows();
    void leave();
    void arm();
    void use_disk();
    engine::Now moment() const { return {clock_.monotonic(), clock_.wall()}; }
    void idle_step(std::uint32_t life);

    // visits.cpp
    void visit_step(std::uint32_t life, const std::shared_ptr<Visit>& visit);
    void look_after(std::uint32_t life, std::uint32_t left);
    void hear(MemberId member);
    void touch(MemberId member);
    void check_in(MemberId member);
    engine::Secret secret();

    Context& context_;
    Broker& broker_;
    Truth& truth_;
    const Spec spec_;
    daemon::Config config_;
    MachineClock clock_;
    host::Log log_;
    Rng rng_;  ///< The daemon's own.
    std::unique_ptr<outbox::FaultDisk> disk_;
    std::unique_ptr<Life> life_;
    std::uint32_t lives_ = 0;
    bool reachable_ = true;
    bool power_cut_next_ = false;
    std::uint64_t dropped_ = 0;  ///< As the outbox last counted.
    bool dying_ = false;
    bool ended_ = false;
    std::uint32_t visitors_ = 0;
    std::array<Epoch, bundle::kKinds> applied_{};
};

}  // namespace vitrine::simulation
