#include <algorithm>
#include <map>
#include <set>

#include "sync/central/import_taker.hpp"
#include "sync/central/kept_catalogue.hpp"

namespace vitrine::central {

namespace {

constexpr std::size_t kNameBytesMax = 200;

/// A GTIN of 8, 12, 13 or 14 digits whose last one checks the others (GS1 General Specifications,
/// 7.9).
bool is_gtin(std::string_view text) {
    const bool size = text.size() == 8 || (text.size() >= 12 && text.size() <= 14);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!size || !std::ranges::all_of(text, is_digit)) return false;
    int sum = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        sum += (text[text.size() - 1 - i] - '0') * (i % 2 == 0 ? 1 : 3);
    }
    return sum % 10 == 0;
}

struct Product {
    ProductId id;
    CategoryId category;
    std::int64_t cents = 0;
    std::string gtin;
    std::string name_fr;
    std::string name_en;
};

class ProductTaker final : public ImportTaker {
  public:
    ProductTaker(sql::Connection& connection, std::set<CategoryId> categories)
        : connection_(connection), categories_(std::move(categories)) {}

    std::span<const ImportColumn> columns() const override { return columns_; }

    Result<void> take(ImportRow& row, std::uint64_t line, ImportJudge& judge) override {
        Product one{.id = ProductId(static_cast<std::uint32_t>(
                        row.integer("product", 1, 0xffff'ffffLL, std::nullopt)))};
        one.category =
            CategoryId(static_cast<std::uint16_t>(row.integer("category", 1, 0xffff, {})));
        one.cents = row.integer("cents", 0, 100'000'000, 0);
        one.gtin = row.text("gtin", 14, false);
        one.name_fr = row.text("name_fr", kNameBytesMax, true);
        one.name_en = row.text("name_en", kNameBytesMax, false);
        if (!one.gtin.empty() && !is_gtin(one.gtin)) {
            row.fail("gtin", "is no GTIN: its check digit is wrong", Flaw::impossible);
        }
        TRY(row.finish());
        row.identify(identity_of({one.id.value()}));
        if (!categories_.empty() && !categories_.contains(one.category)) {
            judge.note(Flaw::unknown, "category", "is not in the catalogue", line);
        }
        pending_.insert_or_assign(one.id, std::move(one));
        return {};
    }

    Result<void> flush(ImportJudge&) override {
        using Type = sql::Rows::Type;
        sql::Rows rows(
            {Type::integer, Type::integer, Type::integer, Type::text, Type::text, Type::text});
        for (const auto& [id, one] : pending_) {
            rows.add(id.value(), one.category.value(), one.cents, one.gtin, one.name_fr,
                     one.name_en);
        }
        TRY(connection_.insert(
            {"products (product, category, cents, gtin, name_fr, name_en)",
             "ON CONFLICT (product) DO UPDATE SET category = excluded.category, cents = "
             "excluded.cents, gtin = excluded.gtin, name_fr = excluded.name_fr, name_en = "
             "excluded.name_en"},
            rows));
        pending_.clear();
        return {};
    }

  private:
    const std::vector<ImportColumn> columns_{{"product", true, {"product_id", "article"}},
                                             {"category", true, {"category_id"}},
                                             {"cents", false, {"price_cents"}},
                                             {"gtin", false, {"ean"}},
                                             {"name_fr", true, {"name", "nom"}},
                                             {"name_en", false, {}}};
    sql::Connection& connection_;
    const std::set<CategoryId> categories_;  ///< Of the catalogue; empty: there is none.
    std::map<ProductId, Product> pending_;
};

}  // namespace

Result<std::unique_ptr<ImportTaker>> product_taker(sql::Connection& connection) {
    std::set<CategoryId> categories;
    for (const auto& each : TRY(kept_catalogue(connection)).categories) categories.insert(each.id);
    return std::unique_ptr<ImportTaker>(
        std::make_unique<ProductTaker>(connection, std::move(categories)));
}

}  // namespace vitrine::central
