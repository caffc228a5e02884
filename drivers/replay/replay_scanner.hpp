#pragma once

#include <string>
#include <vector>

#include "agent/base/time.hpp"
#include "agent/host/loop.hpp"
#include "drivers/replay/player.hpp"
#include "drivers/scanner/scanner.hpp"

namespace vitrine::replay {

/// A recording in the place of an adapter. At the end it stays `finished`; `start` plays it again.
class ReplayScanner final : public scanner::Scanner {
  public:
    /// `name` is what the state's sentence calls the recording. Loop and clock outlive the scanner.
    ReplayScanner(host::Loop& loop, const Clock& clock, Recording recording, std::string name,
                  double speed = 1);

    Result<void> start(scanner::AdvertSink& sink) override;
    void stop() override;
    scanner::ScannerState state() const override;

  private:
    void arm();
    void play();

    host::Loop& loop_;
    const Clock& clock_;
    Player player_;
    std::string name_;
    scanner::AdvertSink* sink_ = nullptr;
    scanner::ScannerMode mode_ = scanner::ScannerMode::stopped;
    std::vector<radio::Advert> due_;
    host::Timer timer_;
};

}  // namespace vitrine::replay
