#pragma once

#include <string_view>
#include <vector>

#include "agent/base/time.hpp"
#include "agent/host/loop.hpp"
#include "drivers/scanner/scanner.hpp"
#include "drivers/simulated/shoppers.hpp"

namespace vitrine::simulated {

/// A shop full of scripted people in the place of an adapter.
class SimulatedScanner final : public scanner::Scanner {
  public:
    /// Loop and clock outlive the scanner.
    SimulatedScanner(host::Loop& loop, const Clock& clock, Shoppers shoppers);

    Result<void> start(scanner::AdvertSink& sink) override;
    void stop() override;
    scanner::ScannerState state() const override;

    /// Shoppers::steer, while it runs.
    Result<void> steer(std::string_view label, std::string_view place) {
        return shoppers_.steer(label, place);
    }
    std::vector<Whereabouts> whereabouts() const { return shoppers_.whereabouts(); }

  private:
    void tick();

    host::Loop& loop_;
    const Clock& clock_;
    Shoppers shoppers_;
    scanner::AdvertSink* sink_ = nullptr;
    std::vector<radio::Advert> heard_;
    host::Timer timer_;
};

}  // namespace vitrine::simulated
