#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/profiles/profile.hpp"
#include "sync/central/profiler.hpp"

namespace vitrine::central {

/// Where a member was, other than at the till.
enum class Channel : std::uint8_t { store, web, app };

struct ChannelVisit {
    std::int32_t day = 0;
    Channel channel = Channel::store;
    friend bool operator==(const ChannelVisit&, const ChannelVisit&) = default;
};

/// How many offers a member took up on a day: saves and claims.
struct Responses {
    std::int32_t day = 0;
    std::uint32_t count = 0;
};

/// What was left behind in the web shop's basket.
struct Basket {
    std::int32_t day = 0;
    std::vector<ProductId> products;  ///< As they were put in, at most kProductsMax.
    static constexpr std::size_t kProductsMax = 100;
};

/// Everything that a forecast is made of, in any order.
struct History {
    std::vector<Purchase> purchases;
    std::vector<ChannelVisit> visits;
    std::vector<Responses> responses;
    std::optional<Basket> basket;
};

/// What one piece usually costs in each category: the median of what was paid. A category with too
/// few purchases has none.
class UsualPrices {
  public:
    /// Purchases of a category from which on their median says something.
    static constexpr std::size_t kPurchasesMin = 20;

    UsualPrices() = default;
    explicit UsualPrices(std::span<const Purchase> purchases);

    std::optional<double> cents_of(CategoryId category) const;

  private:
    struct Usual {
        CategoryId category;
        double cents = 0;
    };
    std::vector<Usual> usual_;  ///< In order of category.
};

/// What a member usually pays, compared with what is usual: the mean of log2(price ÷ usual price)
/// within ±1, each purchase halved every 60 days, drawn towards 0 as by three usual ones. So −1 is
/// half the usual price and 1 twice as much. 0 below five purchases that can be compared.
float price_tier_of(std::span<const Purchase> purchases, const UsualPrices& usual,
                    std::int32_t today);

/// How likely the silence since the last visit is not just a gap between two visits, 0 to 1.
///
/// After each visit a member leaves for good with probability π = 0.1; one who stays comes back
/// after a time that is exponential with a rate of their own. With n gaps of together G days the
/// chance of a silence of s days is then S = (G ÷ (G + s))ⁿ (Lomax: the rate is not known but
/// learned from the gaps), and by Bayes the member left with π ÷ (π + (1 − π) S). The same idea as
/// BG/NBD (Fader, Hardie, Lee 2005), for one member at a time. 0 below three visits.
/// `days` of visits are in order, each once.
float churn_of(std::span<const std::int32_t> days, std::int32_t today);

/// Everything that a profile at level full says (`summarise` of purchases included). A basket that
/// was bought since, or is older than a month, is no longer left behind.
void summarise(const History& history, const UsualPrices& usual, std::int32_t today,
               profiles::Profile& profile);

}  // namespace vitrine::central
