#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "drivers/bluez/attempt_limit.hpp"
#include "drivers/scanner/check_in_desk.hpp"

namespace vitrine::bluez {

/// What phones that are connected now have read and written, between the attribute protocol and the
/// desk. Touches no bus.
///
/// A link is named by the daemon's object path. It is kept in memory for at most five minutes, the
/// life of a challenge, and at most kLinksMax are: the one that was silent longest gives way.
///
/// A kiosk gives at most five challenges in half a minute and takes at most ten answers, one link
/// three and five of them: a phone needs one of each, and a loud one must not keep the desk busy.
class CheckInLinks {
  public:
    static constexpr std::size_t kLinksMax = 16;
    static constexpr std::chrono::minutes kLinkLife{5};
    static constexpr std::size_t kChallengesMax = 5;
    static constexpr std::size_t kChallengesOfLinkMax = 3;
    static constexpr std::size_t kAnswersMax = 10;
    static constexpr std::size_t kAnswersOfLinkMax = 5;

    /// The desk outlives the links.
    explicit CheckInLinks(scanner::CheckInDesk& desk) : desk_(desk) {}

    /// A read from the beginning takes a fresh challenge; from further on it goes on with the one
    /// that the link read last, as a phone with a small MTU does. `invalid`: no such offset.
    /// `exhausted`: too many challenges; wait half a minute.
    Result<Bytes> challenge(const std::string& link, std::size_t offset, Instant now);

    /// An answer, whole, or its next part where a phone splits it. The outcome (a CheckInOutcome)
    /// is to be read by the same link; of a part it is `malformed` until the last has come.
    /// `invalid`: no such offset.
    Result<std::uint8_t> answer(const std::string& link, std::size_t offset, ByteView written,
                                Instant now);

    /// One byte, what came of this link's last answer, or none before it has answered. `invalid`:
    /// no such offset.
    Result<Bytes> outcome(const std::string& link, std::size_t offset, Instant now);

    std::size_t size() const { return links_.size(); }
    /// Forgets links older than kLinkLife.
    void forget_old(Instant now);

  private:
    struct Link {
        Instant at{};
        Bytes challenge;
        Bytes written;
        Bytes outcome;
    };
    Link& link_of(const std::string& link, Instant now);
    std::uint8_t judge(const std::string& name, const Bytes& written, Instant now);

    scanner::CheckInDesk& desk_;
    std::map<std::string, Link> links_;
    AttemptLimit challenges_{kChallengesMax, kChallengesOfLinkMax};
    AttemptLimit answers_{kAnswersMax, kAnswersOfLinkMax};
};

}  // namespace vitrine::bluez
