#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/host/loop.hpp"
#include "agent/radio/frame.hpp"

namespace sdbus {
class IProxy;
}

namespace vitrine::bluez {

class AdvertObject;
class Bus;
struct AdvertContent;

/// The loyalty app's side of the air, for `vitrinectl phone` and for tests; it doubles as an
/// example for app developers (docs/app-integration.md). Unlike the agent it may take its time:
/// each call runs the loop until it is done.
struct PhoneSettings {
    /// "hci1".
    std::string adapter;
    /// Empty: the system bus.
    std::string bus_address;
};

/// Android and fobs can send service data; an iOS app in the foreground only service UUIDs.
enum class PhoneFrame : std::uint8_t { eddystone, service_uuid };

/// What goes on the air for an identifier: 18 bytes for either frame.
AdvertContent phone_advert(PhoneFrame frame, const radio::Eid& eid);

class PhoneAdvert {
  public:
    /// The loop outlives the advert.
    PhoneAdvert(host::Loop& loop, PhoneSettings settings, PhoneFrame frame);
    ~PhoneAdvert();
    PhoneAdvert(const PhoneAdvert&) = delete;
    PhoneAdvert& operator=(const PhoneAdvert&) = delete;

    /// Sends this identifier from now on. The advert before it is taken back first, so that the new
    /// identifier gets a new address: either one that stays would link the two. `unavailable` with
    /// the daemon's error if it is not on the air within ten seconds.
    Result<void> send(const radio::Eid& eid);

  private:
    Result<void> open();
    Result<void> call(const char* method);

    host::Loop& loop_;
    PhoneSettings settings_;
    PhoneFrame frame_;
    unsigned sent_ = 0;
    std::string lost_;
    // Destroyed from below.
    std::unique_ptr<Bus> bus_;
    std::unique_ptr<AdvertObject> advert_;
    std::unique_ptr<sdbus::IProxy> adapter_;
};

/// Makes the answer to what a kiosk asks; `not_found` for a kiosk that is not the wanted one.
using AnswerTo = std::function<Result<Bytes>(ByteView challenge)>;

/// Looks for kiosks that offer check-in, connects to the one heard best, reads its challenge,
/// writes what `answer_to` makes of it and returns the outcome, a CheckInOutcome. A kiosk whose
/// challenge `answer_to` does not find its own is left, and the next one tried. `not_found` where
/// no kiosk was heard within `patience`; `unavailable` with the daemon's error where one does not
/// answer.
Result<std::uint8_t> check_in_by_gatt(host::Loop& loop, const PhoneSettings& settings,
                                      const AnswerTo& answer_to, std::chrono::seconds patience);

}  // namespace vitrine::bluez
