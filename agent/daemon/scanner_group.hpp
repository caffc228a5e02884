#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/scanner/scanner.hpp"

namespace vitrine::daemon {

/// Several sources of adverts as one: adapters, gateways, a recording. One that cannot hear does
/// not keep the others from it.
class ScannerGroup final : public scanner::Scanner {
  public:
    struct Member {
        std::string name;  ///< As the sentence calls it: "door", "the gateways".
        std::unique_ptr<scanner::Scanner> scanner;
    };

    explicit ScannerGroup(std::vector<Member> members) : members_(std::move(members)) {}

    /// Starts all or none; the error is of the first that can never work.
    Result<void> start(scanner::AdvertSink& sink) override;
    void stop() override;

    /// The mode of a member that hears, discovery first, because it is the one to worry about; of
    /// the first one where none does. The sentence has each member's own.
    scanner::ScannerState state() const override;

  private:
    std::vector<Member> members_;
};

}  // namespace vitrine::daemon
