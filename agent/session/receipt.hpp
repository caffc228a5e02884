#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/session/record.hpp"

namespace vitrine::session {

/// One sale, as a till tells it to its shop's agent. Whose card was shown is known to the agent
/// alone until the consent gate has said whether it may become part of a record.
struct Receipt {
    static constexpr std::size_t kPromotionsMax = 32;

    std::string order;  ///< See is_order_number. Unique in the whole chain.
    WallTime ordered;
    std::optional<MemberId> member;  ///< By the card that was shown.
    /// As in OrderCompleted: in order of product, each once.
    std::vector<OrderCompleted::Line> lines;
    std::vector<OfferId> promotions;       ///< Redeemed; in order, each once.
    std::vector<std::string> claim_codes;  ///< Redeemed, as the phone showed them; the same.
    friend bool operator==(const Receipt&, const Receipt&) = default;
};

}  // namespace vitrine::session
