#include "drivers/scanner/scanner.hpp"

namespace vitrine::scanner {

std::string_view name_of(ScannerMode mode) {
    switch (mode) {
        case ScannerMode::stopped:
            return "stopped";
        case ScannerMode::starting:
            return "starting";
        case ScannerMode::passive:
            return "passive";
        case ScannerMode::discovery_fallback:
            return "discovery-fallback";
        case ScannerMode::playing:
            return "playing";
        case ScannerMode::finished:
            return "finished";
        case ScannerMode::no_adapter:
            return "no-adapter";
        case ScannerMode::failed:
            return "failed";
    }
    return "unknown";
}

}  // namespace vitrine::scanner
