#include "ctl/offer_history.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <tuple>

#include "ctl/taxonomy_builder.hpp"

namespace vitrine::ctl {

namespace {

using Columns = std::vector<CsvTable::Column>;

constexpr double kCentsMax = 1e9;
constexpr double kQuantityMax = 1e6;

const CsvTable::Column kMember{{"member_id", "household_id"}};
const CsvTable::Column kProduct{{"product_id"}};
const CsvTable::Column kOffer{{"offer_id", "coupon_upc"}};
const CsvTable::Column kCampaign{{"campaign_id"}};

/// Reads one file row by row into a history. Each `take_…` rejects a bad row by name.
class HistoryReader {
  public:
    Result<OfferHistory> read(const OfferFiles& files) {
        TRY(read_products(files.products));
        TRY(read_offers(files.offers));
        if (!files.campaigns.empty()) TRY(read_campaigns(files.campaigns));
        TRY(read_exposures(files.exposures));
        TRY(read_purchases(files.purchases));
        TRY(read_redemptions(files.redemptions));
        return std::move(history_);
    }

  private:
    Result<void> read_products(const std::string& file);
    Result<void> read_offers(const std::string& file);
    Result<void> read_campaigns(const std::string& file);
    Result<void> read_exposures(const std::string& file);
    Result<void> read_purchases(const std::string& file);
    Result<void> read_redemptions(const std::string& file);

    std::optional<std::uint32_t> known_product(CsvTable& table, std::size_t column);
    std::optional<std::uint32_t> known_campaign(CsvTable& table, std::size_t column);
    std::optional<std::uint32_t> known_offer(CsvTable& table, std::size_t column,
                                             const Campaign& campaign);
    Result<std::uint32_t> member(std::string_view name);
    void take_offer(CsvTable& table);
    void take_exposure(CsvTable& table);
    void take_purchase(CsvTable& table, std::uint32_t member);
    void take_redemption(CsvTable& table);
    void gather_shown();
    std::uint32_t shown_before(std::uint32_t campaign, std::uint32_t member, std::int32_t day,
                               std::uint32_t offer) const;

    Result<void> finish(CsvTable&& table) {
        history_.left_out.push_back(TRY(std::move(table).finish()));
        return {};
    }

    /// One row of the exposures' file; the offer is kNone where all were shown.
    struct Exposure {
        std::uint32_t campaign = 0;
        std::uint32_t member = 0;
        std::int32_t day = 0;
        std::uint32_t offer = Names::kNone;
        auto operator<=>(const Exposure&) const = default;
    };

    OfferHistory history_;
    std::vector<Exposure> exposures_;
    std::size_t purchase_count_ = 0;
};

/// Adds `number` where it is not there yet; false where it is.
bool insert_in_order(std::vector<std::uint32_t>& numbers, std::uint32_t number) {
    const auto at = std::ranges::lower_bound(numbers, number);
    if (at != numbers.end() && *at == number) return false;
    numbers.insert(at, number);
    return true;
}

CampaignOffer* find_offer(Campaign& campaign, std::uint32_t offer) {
    const auto at = std::ranges::lower_bound(campaign.offers, offer, {}, &CampaignOffer::offer);
    return at != campaign.offers.end() && at->offer == offer ? &*at : nullptr;
}

Result<std::uint32_t> HistoryReader::member(std::string_view name) {
    const std::uint32_t number = history_.members.add(name);
    if (number >= Names::kMax) return exhausted("more members than can be held");
    history_.purchases.resize(history_.members.size());
    history_.redemptions.resize(history_.members.size());
    history_.coupon_days.resize(history_.members.size());
    return number;
}

std::optional<std::uint32_t> HistoryReader::known_product(CsvTable& table, std::size_t column) {
    const std::uint32_t product = history_.products.find(table.get(column));
    if (product != Names::kNone) return product;
    table.reject(column, "is not among the products");
    return std::nullopt;
}

std::optional<std::uint32_t> HistoryReader::known_campaign(CsvTable& table, std::size_t column) {
    const std::uint32_t campaign = history_.campaign_names.find(table.get(column));
    if (campaign != Names::kNone) return campaign;
    table.reject(column, "has no offers");
    return std::nullopt;
}

std::optional<std::uint32_t> HistoryReader::known_offer(CsvTable& table, std::size_t column,
                                                        const Campaign& campaign) {
    const std::uint32_t offer = history_.offers.find(table.get(column));
    const bool covered =
        std::ranges::binary_search(campaign.offers, offer, {}, &CampaignOffer::offer);
    if (offer != Names::kNone && covered) return offer;
    table.reject(column, "is not an offer of its campaign");
    return std::nullopt;
}

Result<void> HistoryReader::read_products(const std::string& file) {
    enum : std::size_t { product, department, category, type };
    CsvTable table = TRY(CsvTable::open(file, {kProduct,
                                               {{"department"}},
                                               {{"category", "product_category"}},
                                               {{"type", "product_type"}, false}}));
    TaxonomyBuilder taxonomy;
    while (TRY(table.next())) {
        const auto name = table.id(product);
        if (!name) continue;
        if (history_.products.find(*name) != Names::kNone) {
            table.reject(product, "stood in an earlier row");
            continue;
        }
        if (history_.products.size() == Names::kMax) return exhausted(file + ": too many products");
        history_.products.add(*name);
        taxonomy.add(table.get(department), table.get(category), table.get(type));
    }
    TRY(finish(std::move(table)));
    auto built = TRY(std::move(taxonomy).build().within(file));
    history_.taxonomy = std::move(built.categories);
    history_.category_of = std::move(built.category_of);
    return {};
}

void HistoryReader::take_offer(CsvTable& table) {
    enum : std::size_t { offer, product, campaign };
    const auto offer_name = table.id(offer);
    const auto campaign_name = offer_name ? table.id(campaign) : std::nullopt;
    const auto its_product = campaign_name ? known_product(table, product) : std::nullopt;
    if (!its_product) return;
    const std::uint32_t its_campaign = history_.campaign_names.add(*campaign_name);
    history_.campaigns.resize(history_.campaign_names.size());
    Campaign& into = history_.campaigns[its_campaign];
    const std::uint32_t number = history_.offers.add(*offer_name);
    CampaignOffer* known = find_offer(into, number);
    if (known == nullptr) {
        const auto at = std::ranges::lower_bound(into.offers, number, {}, &CampaignOffer::offer);
        known = &*into.offers.insert(at, {.offer = number, .products = {}});
    }
    if (known->products.size() == profiles::Offer::kProductsMax) {
        table.reject(product, "is one more than an offer can cover");
    } else if (!insert_in_order(known->products, *its_product)) {
        table.repeated();
    }
}

Result<void> HistoryReader::read_offers(const std::string& file) {
    CsvTable table = TRY(CsvTable::open(file, {kOffer, kProduct, kCampaign}));
    while (TRY(table.next())) take_offer(table);
    return finish(std::move(table));
}

Result<void> HistoryReader::read_campaigns(const std::string& file) {
    enum : std::size_t { name, start };
    CsvTable table =
        TRY(CsvTable::open(file, {kCampaign, {{"start_date", "starts_at", "shown_at"}}}));
    std::set<std::string, std::less<>> seen;
    while (TRY(table.next())) {
        const auto campaign = table.id(name);
        const auto day = campaign ? table.day(start) : std::nullopt;
        if (!day) continue;
        if (!seen.emplace(*campaign).second) {
            table.reject(name, "stood in an earlier row");
            continue;
        }
        // One without offers is no mistake here: there is nothing to learn from it.
        const std::uint32_t known = history_.campaign_names.find(*campaign);
        if (known != Names::kNone) history_.campaigns[known].start_day = *day;
    }
    return finish(std::move(table));
}

void HistoryReader::take_exposure(CsvTable& table) {
    enum : std::size_t { campaign, member_name, offer, date };
    const auto its_campaign = known_campaign(table, campaign);
    const auto name = its_campaign ? table.id(member_name) : std::nullopt;
    if (!name) return;
    const Campaign& its = history_.campaigns[*its_campaign];
    Exposure exposure{.campaign = *its_campaign, .day = its.start_day};
    if (table.has(date)) {
        const auto day = table.day(date);
        if (!day) return;
        exposure.day = *day;
    } else if (its.start_day == Campaign::kNever) {
        return table.reject(campaign, "has no start_date among the campaigns");
    }
    if (table.has(offer)) {
        const auto known = known_offer(table, offer, its);
        if (!known) return;
        exposure.offer = *known;
    }
    exposure.member = history_.members.add(*name);
    exposures_.push_back(exposure);
}

Result<void> HistoryReader::read_exposures(const std::string& file) {
    CsvTable table =
        TRY(CsvTable::open(file, {kCampaign,
                                  kMember,
                                  {{"offer_id", "coupon_upc"}, false},
                                  {{"shown_at", "start_date", "exposure_date", "date"}, false}}));
    constexpr std::size_t kDate = 3;
    const bool dated = std::ranges::any_of(history_.campaigns, [](const Campaign& each) {
        return each.start_day != Campaign::kNever;
    });
    if (!dated && !table.has(kDate)) {
        return invalid(file + ": nothing says when a campaign was shown: give --campaigns a file " +
                       "with campaign_id and start_date, or add a column shown_at here");
    }
    while (TRY(table.next())) {
        if (exposures_.size() == OfferHistory::kShownMax) {
            return exhausted(file + ": more exposures than can be held");
        }
        take_exposure(table);
    }
    const std::size_t repeated = exposures_.size();
    gather_shown();
    for (std::size_t i = exposures_.size(); i < repeated; ++i) table.repeated();
    exposures_.clear();
    return finish(std::move(table));
}

/// Rows that differ only in the offer become one.
void HistoryReader::gather_shown() {
    std::ranges::sort(exposures_);
    exposures_.erase(std::unique(exposures_.begin(), exposures_.end()), exposures_.end());
    for (const Exposure& each : exposures_) {
        const bool same =
            !history_.shown.empty() && history_.shown.back().campaign == each.campaign &&
            history_.shown.back().member == each.member && history_.shown.back().day == each.day;
        if (!same) {
            history_.shown.push_back(
                {.campaign = each.campaign, .day = each.day, .member = each.member, .offers = {}});
        }
        if (each.offer != Names::kNone) history_.shown.back().offers.push_back(each.offer);
    }
    history_.purchases.resize(history_.members.size());
    history_.redemptions.resize(history_.members.size());
    history_.coupon_days.resize(history_.members.size());
}

void HistoryReader::take_purchase(CsvTable& table, std::uint32_t member) {
    enum : std::size_t { member_name, product, time, amount, quantity, coupon };
    const auto its_product = known_product(table, product);
    const auto day = its_product ? table.day(time) : std::nullopt;
    const auto sum = day ? table.number(amount, kCentsMax / 100) : std::nullopt;
    if (!sum) return;
    central::Purchase purchase{.day = *day,
                               .product = product_id(*its_product),
                               .category = history_.category_of[*its_product],
                               .cents = std::llround(*sum * 100)};
    if (table.has(quantity)) {
        const auto count = table.number(quantity, kQuantityMax);
        if (!count) return;
        if (*count == 0) return table.reject(quantity, "says that nothing was bought");
        purchase.quantity = static_cast<std::uint32_t>(std::max(1.0, *count));
    }
    if (table.has(coupon)) {
        const auto taken_off = table.number(coupon, kCentsMax / 100);
        if (!taken_off) return;
        if (*taken_off > 0) history_.coupon_days[member].push_back(*day);
    }
    history_.purchases[member].push_back(purchase);
    ++purchase_count_;
}

Result<void> HistoryReader::read_purchases(const std::string& file) {
    CsvTable table = TRY(CsvTable::open(file, {kMember,
                                               kProduct,
                                               {{"bought_at", "transaction_timestamp", "date"}},
                                               {{"amount", "sales_value"}},
                                               {{"quantity"}, false},
                                               {{"coupon_discount", "coupon_disc"}, false}}));
    while (TRY(table.next())) {
        const auto name = table.id(0);
        if (!name) continue;
        if (purchase_count_ == OfferHistory::kPurchasesMax) {
            return exhausted(file + ": more purchases than can be held");
        }
        take_purchase(table, TRY(member(*name)));
    }
    for (auto& some : history_.purchases) {
        std::ranges::sort(some, {}, [](const central::Purchase& each) {
            return std::tuple(each.day, each.product, each.quantity, each.cents);
        });
    }
    for (auto& days : history_.coupon_days) std::ranges::sort(days);
    return finish(std::move(table));
}

/// The last time before or on `day` that the member was shown the offer in the campaign.
std::uint32_t HistoryReader::shown_before(std::uint32_t campaign, std::uint32_t member,
                                          std::int32_t day, std::uint32_t offer) const {
    const auto key = [](const Shown& each) {
        return std::tuple(each.campaign, each.member, each.day);
    };
    auto at = std::ranges::upper_bound(history_.shown, std::tuple(campaign, member, day), {}, key);
    while (at != history_.shown.begin()) {
        --at;
        if (at->campaign != campaign || at->member != member) break;
        if (at->offers.empty() || std::ranges::binary_search(at->offers, offer)) {
            return static_cast<std::uint32_t>(at - history_.shown.begin());
        }
    }
    return Names::kNone;
}

void HistoryReader::take_redemption(CsvTable& table) {
    enum : std::size_t { member_name, offer, campaign, date };
    const auto its_campaign = known_campaign(table, campaign);
    if (!its_campaign) return;
    const auto its_offer = known_offer(table, offer, history_.campaigns[*its_campaign]);
    const auto day = its_offer ? table.day(date) : std::nullopt;
    if (!day) return;
    const std::uint32_t its_member = history_.members.find(table.get(member_name));
    const std::uint32_t shown = its_member == Names::kNone
                                    ? Names::kNone
                                    : shown_before(*its_campaign, its_member, *day, *its_offer);
    if (shown == Names::kNone) return table.reject(member_name, "was not shown the offer before");
    history_.redemptions[its_member].push_back({.shown = shown, .offer = *its_offer, .day = *day});
}

Result<void> HistoryReader::read_redemptions(const std::string& file) {
    CsvTable table = TRY(CsvTable::open(
        file, {kMember, kOffer, kCampaign, {{"redeemed_at", "redemption_date", "date"}}}));
    while (TRY(table.next())) take_redemption(table);
    for (auto& some : history_.redemptions) {
        std::ranges::sort(some, {}, [](const Redemption& each) {
            return std::tuple(each.day, each.shown, each.offer);
        });
    }
    return finish(std::move(table));
}

}  // namespace

std::uint64_t OfferHistory::hash_of_member(std::uint32_t member) const {
    return hash_of(members.of(member));
}

std::int32_t OfferHistory::first_purchase_day() const {
    std::int32_t first = INT32_MAX - 1;
    for (const auto& some : purchases) {
        if (!some.empty()) first = std::min(first, some.front().day);
    }
    return first;
}

Result<OfferHistory> read_offer_history(const OfferFiles& files) {
    return HistoryReader().read(files);
}

}  // namespace vitrine::ctl
