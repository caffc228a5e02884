#include "drivers/replay/replay_scanner.hpp"

namespace vitrine::replay {
namespace {

/// Adverts between two looks at what else the loop has to do: fewer than a millisecond's work.
constexpr std::size_t kAtOnce = 256;

}  // namespace

ReplayScanner::ReplayScanner(host::Loop& loop, const Clock& clock, Recording recording,
                             std::string name, double speed)
    : loop_(loop), clock_(clock), player_(std::move(recording), speed), name_(std::move(name)) {}

Result<void> ReplayScanner::start(scanner::AdvertSink& sink) {
    sink_ = &sink;
    mode_ = scanner::ScannerMode::playing;
    player_.start(clock_.monotonic());
    arm();
    return {};
}

void ReplayScanner::stop() {
    timer_.cancel();
    sink_ = nullptr;
    mode_ = scanner::ScannerMode::stopped;
}

void ReplayScanner::arm() {
    const auto due = player_.due();
    if (!due) {
        mode_ = scanner::ScannerMode::finished;
        return;
    }
    timer_ = loop_.after(*due - clock_.monotonic(), [this] { play(); });
}

void ReplayScanner::play() {
    due_.clear();
    player_.play(clock_.monotonic(), clock_.wall(), kAtOnce, due_);
    for (const radio::Advert& advert : due_) {
        if (sink_ == nullptr) return;  // The sink stopped us.
        sink_->on_advert(advert);
    }
    if (sink_ != nullptr) arm();
}

scanner::ScannerState ReplayScanner::state() const {
    const Recording& recording = player_.recording();
    std::string sentence = "The recording " + name_ + ": " + std::to_string(player_.played()) +
                           " of " + std::to_string(recording.heard.size()) + " adverts played";
    if (recording.skipped > 0) {
        sentence += "; " + std::to_string(recording.skipped) +
                    " lines could not be read, the first: " + recording.mistakes.front();
    }
    return {mode_, sentence + "."};
}

}  // namespace vitrine::replay
