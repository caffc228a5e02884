#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/time.hpp"
#include "agent/radio/advert.hpp"
#include "drivers/gateway/admission.hpp"
#include "drivers/gateway/message.hpp"

namespace vitrine::gateway {

/// What became of a gateway's messages and of the adverts in them. Totals only: nothing here is
/// about one phone.
struct Counters {
    std::uint64_t messages = 0;
    std::uint64_t passed = 0;     ///< Adverts handed on: frames such as members' phones send.
    std::uint64_t foreign = 0;    ///< Adverts of anything else, dropped on the spot.
    std::uint64_t malformed = 0;  ///< Messages that are not what the format says.
    std::uint64_t late = 0;       ///< Adverts that the way held up for over two seconds.
    std::uint64_t retained = 0;   ///< Messages that the broker had kept: nobody is heard by them.
    std::uint64_t flooded = 0;    ///< Messages and adverts beyond the rate, unread.
    friend bool operator==(const Counters&, const Counters&) = default;
};

/// What passes from one gateway to the engine: frames such as members' phones send, not held up on
/// the way, at a bounded rate. Pure. The time of an advert is its arrival here, whatever the
/// gateway's clock says, so that scanners with different clocks need nothing in common.
class Intake {
  public:
    static constexpr double kRateDefault = 500;  ///< An office has 322 adverts a second.
    static constexpr std::chrono::seconds kTroubleShown{60};

    /// `per_second` adverts pass in the long run, and two seconds' worth at once.
    Intake(std::uint16_t scanner, Format format, double per_second);

    /// Appends to `out` what passes of one message.
    void take(ByteView payload, bool retained, Instant now, std::vector<radio::Advert>& out);

    const Counters& counters() const { return counters_; }
    /// When a message came last, of whatever kind.
    std::optional<Instant> last_message() const { return last_message_; }
    /// What is wrong with it at `now`: "sends more than 500 adverts a second". Empty for nothing in
    /// the last kTroubleShown.
    std::string trouble(Instant now) const;

  private:
    void judge(const Overheard& heard, Instant now, std::vector<radio::Advert>& out);
    void flooded(Instant now);

    std::uint16_t scanner_;
    Format format_;
    double per_second_;
    Rate rate_;
    Punctuality punctuality_;
    Counters counters_;
    std::optional<Instant> last_message_;
    std::optional<Instant> last_flood_;
    std::optional<Instant> last_late_;
    std::optional<Instant> last_malformed_;
    std::string mistake_;
};

}  // namespace vitrine::gateway
