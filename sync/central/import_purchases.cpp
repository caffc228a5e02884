#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "agent/session/record.hpp"
#include "sync/central/import_taker.hpp"
#include "sync/central/kept_catalogue.hpp"
#include "sync/central/order_lines.hpp"
#include "sync/central/profiler.hpp"

namespace vitrine::central {

namespace {

constexpr std::int32_t kUsableDays = 3 * 365;  ///< REQUIREMENTS P7.
constexpr std::uint32_t kUsualQuantity = 200;
constexpr std::int64_t kUsualCentsEach = 200'000;
constexpr std::int64_t kPriceFactor = 5;  ///< Beside the product's own price.

using Failure = ImportRow::Failure;

struct Pending {
    std::uint64_t line = 0;
    MemberId member;
    Purchase purchase;
    std::string order;
    bool refused = false;
};

struct Known {
    CategoryId category;
    std::int64_t cents = 0;
};

class PurchaseTaker final : public ImportTaker {
  public:
    PurchaseTaker(sql::Connection& connection, WallTime now, std::set<CategoryId> categories,
                  bool has_products)
        : connection_(connection),
          today_(day_of(now)),
          categories_(std::move(categories)),
          has_products_(has_products) {}

    std::span<const ImportColumn> columns() const override { return columns_; }
    Result<void> take(ImportRow& row, std::uint64_t line, ImportJudge& judge) override;
    Result<void> flush(ImportJudge& judge) override;

  private:
    Result<void> refuse_strangers(ImportJudge& judge);
    Result<void> look_products_up();
    void judge_one(Pending& one, ImportJudge& judge) const;
    void judge_product(Pending& one, ImportJudge& judge) const;
    Result<void> write();

    const std::vector<ImportColumn> columns_{{"member", true, {"member_id", "pseudonym"}},
                                             {"day", true, {"date"}},
                                             {"product", false, {"product_id", "article"}},
                                             {"category", false, {"category_id"}},
                                             {"quantity", false, {"qty"}},
                                             {"cents", false, {"amount_cents"}},
                                             {"order", false, {"order_id", "receipt"}}};
    sql::Connection& connection_;
    const std::int32_t today_;
    const std::set<CategoryId> categories_;  ///< Of the catalogue; empty: there is none.
    const bool has_products_;
    std::vector<Pending> pending_;
    std::map<ProductId, Known> products_;  ///< Of those pending.
};

Result<void> PurchaseTaker::take(ImportRow& row, std::uint64_t line, ImportJudge&) {
    Pending one{.line = line, .member = row.parsed<MemberId>("member", &id_from_text<MemberId>)};
    Purchase& purchase = one.purchase;
    purchase.day = row.parsed<std::int32_t>("day", &day_from);
    purchase.product =
        ProductId(static_cast<std::uint32_t>(row.integer("product", 0, 0xffff'ffffLL, 0)));
    // What the products say need not be said again.
    const bool may_be_known = has_products_ && purchase.product != ProductId{};
    purchase.category = CategoryId(static_cast<std::uint16_t>(row.integer(
        "category", 1, 0xffff, may_be_known ? std::optional<std::int64_t>(0) : std::nullopt)));
    purchase.quantity = static_cast<std::uint32_t>(row.integer("quantity", 1, 10'000, 1));
    purchase.cents = row.integer("cents", 0, 100'000'000, 0);
    one.order = row.text("order", session::OrderCompleted::kOrderBytesMax, false);
    if (!one.order.empty() && !session::is_order_number(one.order)) {
        row.fail("order", "expected 1 to 64 of A-Z a-z 0-9 . _ : / -");
    }
    if (purchase.day > today_) row.fail("day", "is in the future", Flaw::impossible);
    TRY(row.finish());
    row.identify(identity_of({one.member.value(), static_cast<std::uint64_t>(purchase.day),
                              purchase.product.value(), std::hash<std::string>{}(one.order)}));
    pending_.push_back(std::move(one));
    return {};
}

Result<void> PurchaseTaker::refuse_strangers(ImportJudge& judge) {
    std::vector<std::int64_t> ids;
    for (const Pending& one : pending_)
        ids.push_back(static_cast<std::int64_t>(one.member.value()));
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    auto select = TRY(connection_.prepare("SELECT member FROM members WHERE member IN " +
                                          std::string(connection_.listed())));
    const std::string list = connection_.list_of(ids);
    select.bind(list);
    std::set<MemberId> known;
    while (TRY(select.step())) known.insert(MemberId(select.bits(0)));
    for (Pending& one : pending_) {
        if (known.contains(one.member)) continue;
        one.refused = true;
        judge.refuse(one.line, {Flaw::unknown, "", "no member " + to_text(one.member)});
    }
    return {};
}

Result<void> PurchaseTaker::look_products_up() {
    products_.clear();
    if (!has_products_) return {};
    std::vector<std::int64_t> ids;
    for (const Pending& one : pending_) ids.push_back(one.purchase.product.value());
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    auto select =
        TRY(connection_.prepare("SELECT product, category, cents FROM products WHERE product IN " +
                                std::string(connection_.listed())));
    const std::string list = connection_.list_of(ids);
    select.bind(list);
    while (TRY(select.step())) {
        products_[ProductId(static_cast<std::uint32_t>(select.integer(0)))] = {
            CategoryId(static_cast<std::uint16_t>(select.integer(1))), select.integer(2)};
    }
    return {};
}

void PurchaseTaker::judge_product(Pending& one, ImportJudge& judge) const {
    Purchase& purchase = one.purchase;
    if (!has_products_ || purchase.product == ProductId{}) return;
    const auto known = products_.find(purchase.product);
    if (known == products_.end()) {
        if (purchase.category == CategoryId{}) {
            one.refused = true;
            return judge.refuse(one.line, {Flaw::unknown, "product",
                                           "is not among the products, and no category is given"});
        }
        return judge.note(Flaw::unknown, "product", "is not among the products", one.line);
    }
    const auto& [category, cents] = known->second;
    if (purchase.category == CategoryId{}) {
        purchase.category = category;
    } else if (purchase.category != category) {
        judge.note(Flaw::unusual, "category", "is not the product's", one.line);
    }
    const std::int64_t each = purchase.cents / purchase.quantity;
    if (cents > 0 && each > 0 && (each > cents * kPriceFactor || each * kPriceFactor < cents)) {
        judge.note(Flaw::unusual, "cents", "is more than 5 times off the product's price",
                   one.line);
    }
}

void PurchaseTaker::judge_one(Pending& one, ImportJudge& judge) const {
    judge_product(one, judge);
    if (one.refused) return;
    const Purchase& purchase = one.purchase;
    if (purchase.day < today_ - kUsableDays) {
        judge.note(Flaw::stale, "day", "is more than 3 years ago", one.line);
    }
    if (!categories_.empty() && !categories_.contains(purchase.category)) {
        judge.note(Flaw::unknown, "category", "is not in the catalogue", one.line);
    }
    if (purchase.quantity > kUsualQuantity) {
        judge.note(Flaw::unusual, "quantity", "is above 200", one.line);
    }
    if (purchase.cents / purchase.quantity > kUsualCentsEach) {
        judge.note(Flaw::unusual, "cents", "is more than 2,000 a piece", one.line);
    }
}

/// Of a row that comes twice the last one counts; of a receipt's, as merge::join has it.
Result<void> PurchaseTaker::write() {
    std::map<std::tuple<MemberId, std::int32_t, ProductId>, const Purchase*> purchases;
    std::map<merge::OrderLineKey, merge::OrderLine> lines;
    for (const Pending& one : pending_) {
        if (one.refused) continue;
        const Purchase& purchase = one.purchase;
        if (one.order.empty()) {
            purchases[{one.member, purchase.day, purchase.product}] = &purchase;
            continue;
        }
        const merge::OrderLine line{.category = purchase.category,
                                    .quantity = purchase.quantity,
                                    .cents = static_cast<std::uint32_t>(purchase.cents)};
        merge::OrderLine& known = lines[{.member = one.member,
                                         .day = purchase.day,
                                         .order = one.order,
                                         .product = purchase.product}];
        known = merge::join(known, line);
    }
    using Type = sql::Rows::Type;
    sql::Rows rows(std::vector<Type>(6, Type::integer));
    for (const auto& [key, purchase] : purchases) {
        rows.add(std::get<0>(key).value(), purchase->day, purchase->product.value(),
                 purchase->category.value(), purchase->quantity, purchase->cents);
    }
    TRY(connection_.insert(
        {"purchases (member, day, product, category, quantity, cents)",
         "ON CONFLICT (member, day, product) DO UPDATE SET category = excluded.category, quantity "
         "= excluded.quantity, cents = excluded.cents"},
        rows));
    return insert_order_lines(connection_, lines);
}

Result<void> PurchaseTaker::flush(ImportJudge& judge) {
    if (pending_.empty()) return {};
    TRY(refuse_strangers(judge));
    TRY(look_products_up());
    for (Pending& one : pending_) {
        if (!one.refused) judge_one(one, judge);
    }
    TRY(write());
    pending_.clear();
    return {};
}

}  // namespace

Result<std::unique_ptr<ImportTaker>> purchase_taker(sql::Connection& connection, WallTime now) {
    std::set<CategoryId> categories;
    for (const auto& each : TRY(kept_catalogue(connection)).categories) categories.insert(each.id);
    const bool has_products =
        TRY(connection.integer_of("SELECT count(*) FROM (SELECT 1 FROM products LIMIT 1) p")) > 0;
    return std::unique_ptr<ImportTaker>(
        std::make_unique<PurchaseTaker>(connection, now, std::move(categories), has_products));
}

}  // namespace vitrine::central
