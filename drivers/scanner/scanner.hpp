#pragma once

#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::scanner {

/// Who takes the adverts: the daemon, which hands them to the engine.
class AdvertSink {
  public:
    virtual ~AdvertSink() = default;
    /// Called on the loop's thread only.
    virtual void on_advert(const radio::Advert& advert) = 0;
};

enum class ScannerMode {
    stopped,             ///< Not started, or stopped on request.
    starting,            ///< Asked for, not confirmed yet.
    passive,             ///< Hearing, and nobody keeps anything of bystanders.
    discovery_fallback,  ///< Hearing by discovery: the Bluetooth daemon keeps bystanders' devices.
    playing,             ///< Adverts come from a recording or a script, not from the air.
    finished,            ///< The recording is over.
    no_adapter,          ///< There is no Bluetooth adapter; the scanner goes on looking for one.
    failed,              ///< Not hearing, for the reason in the sentence.
};

/// The mode's name as configuration, metrics and status output write it.
std::string_view name_of(ScannerMode mode);

/// How a scanner fares.
struct ScannerState {
    ScannerMode mode = ScannerMode::stopped;
    /// For the person who looks after the store: what is the matter and what to do.
    std::string sentence;

    bool hearing() const {
        return mode == ScannerMode::passive || mode == ScannerMode::discovery_fallback ||
               mode == ScannerMode::playing;
    }
};

/// A source of adverts. Owned by the daemon; everything happens on the loop's thread.
class Scanner {
  public:
    virtual ~Scanner() = default;

    /// Begins to give adverts to `sink`, which outlives the scanner or its `stop`. An error is
    /// final
    /// (`invalid`: this configuration can never work); what may pass, such as a missing adapter, is
    /// not an error but a state.
    virtual Result<void> start(AdvertSink& sink) = 0;

    /// No advert comes after it returns. May be called twice.
    virtual void stop() = 0;

    virtual ScannerState state() const = 0;
};

}  // namespace vitrine::scanner
