#include "agent/daemon/scanner_group.hpp"

#include <algorithm>
#include <array>

namespace vitrine::daemon {
namespace {

using scanner::ScannerMode;

/// What a group is called by, the first that any member is in.
constexpr std::array kTelling{ScannerMode::discovery_fallback, ScannerMode::passive,
                              ScannerMode::playing, ScannerMode::starting};

}  // namespace

Result<void> ScannerGroup::start(scanner::AdvertSink& sink) {
    for (Member& member : members_) {
        auto started = member.scanner->start(sink);
        if (started) continue;
        stop();
        return std::move(started).error().within(member.name);
    }
    return {};
}

void ScannerGroup::stop() {
    for (Member& member : members_) member.scanner->stop();
}

scanner::ScannerState ScannerGroup::state() const {
    scanner::ScannerState all;
    std::vector<ScannerMode> modes;
    for (const Member& member : members_) {
        const scanner::ScannerState state = member.scanner->state();
        modes.push_back(state.mode);
        all.sentence += (all.sentence.empty() ? "" : " ") + member.name + ": " + state.sentence;
    }
    const auto telling = std::ranges::find_if(
        kTelling, [&](ScannerMode mode) { return std::ranges::find(modes, mode) != modes.end(); });
    if (telling != kTelling.end()) all.mode = *telling;
    if (telling == kTelling.end() && !modes.empty()) all.mode = modes.front();
    return all;
}

}  // namespace vitrine::daemon
