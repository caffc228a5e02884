#pragma once

#include <cstdint>
#include <memory>

#include <sdbus-c++/sdbus-c++.h>

#include "agent/base/time.hpp"
#include "drivers/bluez/check_in_links.hpp"
#include "drivers/scanner/check_in_desk.hpp"

namespace vitrine::bluez {

// "VITRINE0" in ASCII begins the UUIDs of what a kiosk sends, as "VITRINE1" begins those of
// members' phones (agent/radio/frame.hpp): no kiosk is ever taken for a member.
inline constexpr const char* kCheckInUuid = "56495452-494e-4530-8000-000000000001";
inline constexpr const char* kChallengeUuid = "56495452-494e-4530-8000-000000000002";
inline constexpr const char* kAnswerUuid = "56495452-494e-4530-8000-000000000003";
inline constexpr const char* kOutcomeUuid = "56495452-494e-4530-8000-000000000004";

/// The GATT service by which a phone checks in at this kiosk: it reads a challenge, writes the
/// answer and reads the outcome (docs/app-integration.md). No characteristic asks for encryption,
/// so no phone is ever asked to pair; the answer proves itself.
///
/// A notification goes to every phone that asked for one, whoever answered: it says "there is an
/// outcome, read it". The read gives each phone its own.
///
/// The objects are exported as long as it lives; the library's exceptions pass through the
/// constructor.
class CheckInService {
  public:
    /// What RegisterApplication wants to be given.
    static constexpr const char* kRoot = "/org/vitrine/check_in";
    /// The attribute protocol's application error for "too many tries": 0x80 + CheckInOutcome.
    static constexpr const char* kTooManyTries = "0x84";

    /// All outlive the service.
    CheckInService(sdbus::IConnection& connection, scanner::CheckInDesk& desk, const Clock& clock);
    CheckInService(const CheckInService&) = delete;
    CheckInService& operator=(const CheckInService&) = delete;

    void forget_old_links() { links_.forget_old(clock_.monotonic()); }

  private:
    void add_service(sdbus::IConnection& connection);
    void add_challenge(sdbus::IConnection& connection);
    void add_answer(sdbus::IConnection& connection);
    void add_outcome(sdbus::IConnection& connection);
    void notify(std::uint8_t outcome);

    CheckInLinks links_;
    const Clock& clock_;
    Bytes notified_;
    std::unique_ptr<sdbus::IObject> root_;
    std::unique_ptr<sdbus::IObject> service_;
    std::unique_ptr<sdbus::IObject> challenge_;
    std::unique_ptr<sdbus::IObject> answer_;
    std::unique_ptr<sdbus::IObject> outcome_;
};

}  // namespace vitrine::bluez
