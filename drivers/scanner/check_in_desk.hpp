#pragma once

#include <cstdint>

#include "agent/base/bytes.hpp"

namespace vitrine::scanner {

/// Whom a phone at a radio talks to when it checks in: the daemon, which asks the engine. Drivers
/// carry the bytes (agent/identity/checkin_bytes.hpp) and understand none of them.
class CheckInDesk {
  public:
    virtual ~CheckInDesk() = default;

    /// A fresh challenge, good for one answer.
    virtual Bytes challenge() = 0;

    /// Takes what a phone wrote and says what came of it: a CheckInOutcome.
    virtual std::uint8_t answer(ByteView written) = 0;
};

}  // namespace vitrine::scanner
