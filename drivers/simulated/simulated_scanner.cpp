#include "drivers/simulated/simulated_scanner.hpp"

#include <algorithm>

namespace vitrine::simulated {
namespace {

constexpr std::chrono::milliseconds kTick{50};

}  // namespace

SimulatedScanner::SimulatedScanner(host::Loop& loop, const Clock& clock, Shoppers shoppers)
    : loop_(loop), clock_(clock), shoppers_(std::move(shoppers)) {}

Result<void> SimulatedScanner::start(scanner::AdvertSink& sink) {
    sink_ = &sink;
    timer_ = loop_.every(kTick, [this] { tick(); });
    return {};
}

void SimulatedScanner::stop() {
    timer_.cancel();
    sink_ = nullptr;
}

void SimulatedScanner::tick() {
    heard_.clear();
    shoppers_.tick(clock_.monotonic(), clock_.wall(), heard_);
    for (const radio::Advert& advert : heard_) {
        if (sink_ == nullptr) return;  // The sink stopped us.
        sink_->on_advert(advert);
    }
}

scanner::ScannerState SimulatedScanner::state() const {
    if (sink_ == nullptr) return {scanner::ScannerMode::stopped, "Simulated shoppers, stopped."};
    const auto all = shoppers_.whereabouts();
    const auto present = std::ranges::count(all, true, &Whereabouts::in_store);
    return {scanner::ScannerMode::playing, "Simulated shoppers: " + std::to_string(present) +
                                               " of " + std::to_string(all.size()) +
                                               " are in the shop. Nothing comes from the air."};
}

}  // namespace vitrine::simulated
