#pragma once

#include <cstdint>
#include <optional>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/identity/table.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::identity {

/// A member's phone was heard. Neither address nor payload come along: from here on there is only
/// the member. Whether they consented is the consent gate's business.
struct Sighting {
    Instant at{};
    /// Index of the scanner in the configured list.
    std::uint16_t scanner = 0;
    Rssi rssi = kRssiUnknown;
    MemberId member;
    friend bool operator==(const Sighting&, const Sighting&) = default;
};

/// Step 2 of the flow: which member is this advert, if any. Whatever is not a member's is forgotten
/// on return: no copy, no hash, no counter but these two.
class Recogniser {
  public:
    struct Counters {
        std::uint64_t heard = 0;
        std::uint64_t recognised = 0;
    };

    /// The table outlives the recogniser.
    explicit Recogniser(const RecognitionTable& table) : table_(table) {}

    /// Nothing for a stranger, and for a member's advert whose level is unknown: it places nobody.
    std::optional<Sighting> recognise(const radio::Advert& advert) {
        ++counters_.heard;
        const auto eid = radio::eid_of(radio::classify(advert.payload()));
        if (!eid || advert.rssi == kRssiUnknown) return std::nullopt;
        const auto member = table_.find(*eid);
        if (!member) return std::nullopt;
        ++counters_.recognised;
        return Sighting{advert.at, advert.scanner, advert.rssi, *member};
    }

    Counters counters() const { return counters_; }

  private:
    const RecognitionTable& table_;
    Counters counters_;
};

}  // namespace vitrine::identity
