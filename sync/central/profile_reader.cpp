#include "sync/central/profile_reader.hpp"

#include <algorithm>
#include <charconv>

#include "sync/merge/change.hpp"

namespace vitrine::central {

namespace {

constexpr std::int32_t kPriceDays = 365;
/// Prices are learned from at most so many purchases of the last year.
constexpr std::int64_t kPricedMax = 2'000'000;

Purchase purchase_at(const sql::Statement& row) {
    return {.day = static_cast<std::int32_t>(row.integer(0)),
            .product = ProductId(static_cast<std::uint32_t>(row.integer(1))),
            .category = CategoryId(static_cast<std::uint16_t>(row.integer(2))),
            .quantity = static_cast<std::uint32_t>(row.integer(3)),
            .cents = row.integer(4)};
}

}  // namespace

std::string joined_numbers(const std::vector<std::uint32_t>& numbers) {
    std::string text;
    for (const std::uint32_t each : numbers) {
        if (!text.empty()) text += ' ';
        text += std::to_string(each);
    }
    return text;
}

std::vector<std::uint32_t> split_numbers(std::string_view text) {
    std::vector<std::uint32_t> numbers;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        std::uint32_t value = 0;
        const auto [next, code] = std::from_chars(at, end, value);
        if (code != std::errc{}) break;
        numbers.push_back(value);
        at = next < end ? next + 1 : next;
    }
    return numbers;
}

Result<ProfileReader> ProfileReader::open(sql::Connection& connection) {
    ProfileReader reader;
    reader.purchases_ = TRY(connection.prepare(
        "SELECT day, product, category, quantity, cents FROM bought WHERE member = ?"));
    reader.visits_ =
        TRY(connection.prepare("SELECT day, channel FROM channel_visits WHERE member = ?"));
    reader.responses_ =
        TRY(connection.prepare("SELECT day, sum(saved + claimed) FROM member_days WHERE member = ? "
                               "GROUP BY day HAVING sum(saved + claimed) > 0"));
    reader.basket_ = TRY(connection.prepare("SELECT day, products FROM baskets WHERE member = ?"));
    reader.dismissed_ =
        TRY(connection.prepare("SELECT offer, dismissed, wanted FROM interactions WHERE member = ? "
                               "AND dismissed > 0 ORDER BY dismissed DESC LIMIT 64"));
    return reader;
}

Result<std::vector<Purchase>> ProfileReader::purchases_of(MemberId member) {
    purchases_.bind(member.value());
    std::vector<Purchase> purchases;
    while (TRY(purchases_.step())) purchases.push_back(purchase_at(purchases_));
    return purchases;
}

Result<std::vector<OfferId>> ProfileReader::dismissed_by(MemberId member) {
    dismissed_.bind(member.value());
    std::vector<OfferId> offers;
    while (TRY(dismissed_.step())) {
        const merge::Interaction one{.dismissed = Hlc(dismissed_.bits(1)),
                                     .wanted = Hlc(dismissed_.bits(2))};
        if (one.is_dismissed()) {
            offers.emplace_back(static_cast<std::uint32_t>(dismissed_.integer(0)));
        }
    }
    std::ranges::reverse(offers);
    return offers;
}

Result<History> ProfileReader::history_of(MemberId member, bool measured) {
    History history{.purchases = TRY(purchases_of(member))};
    visits_.bind(member.value());
    while (TRY(visits_.step())) {
        history.visits.push_back({.day = static_cast<std::int32_t>(visits_.integer(0)),
                                  .channel = static_cast<Channel>(visits_.integer(1))});
    }
    basket_.bind(member.value());
    if (TRY(basket_.step())) {
        Basket basket{.day = static_cast<std::int32_t>(basket_.integer(0))};
        for (const std::uint32_t each : split_numbers(basket_.text(1))) {
            basket.products.emplace_back(each);
        }
        history.basket = std::move(basket);
        basket_.reset();
    }
    if (!measured) return history;
    responses_.bind(member.value());
    while (TRY(responses_.step())) {
        history.responses.push_back({.day = static_cast<std::int32_t>(responses_.integer(0)),
                                     .count = static_cast<std::uint32_t>(responses_.integer(1))});
    }
    return history;
}

Result<profiles::Profile> ProfileReader::read(const Member& member, bool measured,
                                              const UsualPrices& usual, std::int32_t today) {
    profiles::Profile profile{.member = member.id,
                              .level = member.level,
                              .language = member.language,
                              .age_proven = member.age_proven,
                              .birth_month = member.birth_month,
                              .favourites = member.favourites};
    profile.dismissed = TRY(dismissed_by(member.id));
    // Data that the chosen level does not use does not travel.
    if (member.level == profiles::Level::full) {
        summarise(TRY(history_of(member.id, measured)), usual, today, profile);
    }
    profile.as_of_day = today;
    return profile;
}

Result<UsualPrices> usual_prices(sql::Connection& connection, std::int32_t today) {
    auto select =
        TRY(connection.prepare("SELECT day, product, category, quantity, cents FROM bought WHERE "
                               "day > ? AND cents > 0 LIMIT ?"));
    select.bind(today - kPriceDays, kPricedMax);
    std::vector<Purchase> purchases;
    while (TRY(select.step())) purchases.push_back(purchase_at(select));
    return UsualPrices(purchases);
}

}  // namespace vitrine::central
