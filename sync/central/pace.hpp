#pragma once

#include <cstdint>

#include "agent/base/time.hpp"

namespace vitrine::central {

/// How often something that takes long is made anew: when it has changed, and in a twentieth of the
/// time at most, however long one making takes.
class Pace {
  public:
    bool is_due(std::uint64_t revision, Instant now) const {
        return revision != made_ && now >= next_;
    }
    void made(std::uint64_t revision, Instant began, Instant ended) {
        made_ = revision;
        next_ = ended + kRests * (ended - began);
    }

  private:
    static constexpr int kRests = 19;

    std::uint64_t made_ = 0;
    Instant next_ = Instant::min();
};

}  // namespace vitrine::central
