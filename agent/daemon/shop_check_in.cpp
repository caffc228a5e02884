#include "agent/daemon/randomness.hpp"
#include "agent/daemon/shop.hpp"
#include "agent/identity/checkin_bytes.hpp"

namespace vitrine::daemon {

namespace {

/// The kiosk that the agent's own radio stands at; empty where that cannot be said.
KioskId kiosk_of_radio(const Config& config) {
    const presence::Layout& layout = config.layout;
    if (config.beacon && config.beacon->kiosk < layout.kiosks.size()) {
        return layout.kiosks[config.beacon->kiosk].id;
    }
    if (layout.kiosks.size() == 1) return layout.kiosks[0].id;
    if (layout.scanners.empty() || layout.scanners[0].kiosk == presence::kNowhere) return {};
    return layout.kiosks[layout.scanners[0].kiosk].id;
}

}  // namespace

/// Where phones check in by radio: the same book and the same verification as by QR code.
class Shop::Desk final : public scanner::CheckInDesk {
  public:
    Desk(Shop& shop, KioskId kiosk) : shop_(shop), kiosk_(std::move(kiosk)) {}

    Bytes challenge() override {
        identity::Nonce nonce{};
        fill_with_randomness(nonce);
        const auto made = shop_.engine_.challenge(kiosk_, nonce, shop_.moment());
        return made ? identity::bytes_of(*made) : Bytes{};
    }

    std::uint8_t answer(ByteView written) override {
        const auto claim = identity::read_check_in(written);
        const auto outcome =
            claim ? shop_.take_check_in(*claim) : identity::CheckInOutcome::malformed;
        return static_cast<std::uint8_t>(outcome);
    }

  private:
    Shop& shop_;
    const KioskId kiosk_;
};

void Shop::open_desk() {
    const KioskId kiosk = kiosk_of_radio(config_);
    if (!kiosk.empty()) desk_ = std::make_unique<Desk>(*this, kiosk);
}

identity::CheckInOutcome Shop::take_check_in(const identity::CheckIn& claim) {
    const identity::CheckInOutcome outcome = engine_.on(claim, moment(), effects_);
    step(Waits::somebody);
    return outcome;
}

void Shop::add_check_in_metrics() {
    using identity::CheckInOutcome;
    constexpr std::string_view kName = "vitrine_check_ins_total";
    constexpr std::string_view kHelp = "Answers of phones to a kiosk's challenge, by outcome.";
    struct Line {
        CheckInOutcome outcome;
        host::Counter counter;
    };
    // What is malformed never gets as far as the engine.
    std::array lines{
        Line{CheckInOutcome::welcome, metrics_.counter(kName, kHelp, {{"outcome", "welcome"}})},
        Line{CheckInOutcome::over, metrics_.counter(kName, kHelp, {{"outcome", "over"}})},
        Line{CheckInOutcome::refused, metrics_.counter(kName, kHelp, {{"outcome", "refused"}})},
        Line{CheckInOutcome::later, metrics_.counter(kName, kHelp, {{"outcome", "later"}})}};
    auto conflicts =
        metrics_.counter("vitrine_conflict_screens_total",
                         "Screens turned neutral because one member seemed to be in two places.");
    metrics_.on_collect([=, this]() mutable {
        const engine::CheckIns::Counts& counts = engine_.check_ins();
        for (Line& line : lines)
            line.counter.raise_to(counts[static_cast<std::size_t>(line.outcome)]);
        conflicts.raise_to(engine_.conflicts());
    });
}

}  // namespace vitrine::daemon
