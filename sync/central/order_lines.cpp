#include "sync/central/order_lines.hpp"

namespace vitrine::central {

namespace {

constexpr sql::Into kOrderLines{
    "order_lines (member, day, order_id, product, category, quantity, cents)",
    "ON CONFLICT (member, day, order_id, product) DO UPDATE SET category = excluded.category, "
    "quantity = excluded.quantity, cents = excluded.cents WHERE (excluded.category, "
    "excluded.quantity, excluded.cents) > (order_lines.category, order_lines.quantity, "
    "order_lines.cents)"};

}  // namespace

Result<void> insert_order_lines(sql::Connection& connection,
                                const std::map<merge::OrderLineKey, merge::OrderLine>& lines) {
    using Type = sql::Rows::Type;
    sql::Rows rows({Type::integer, Type::integer, Type::text, Type::integer, Type::integer,
                    Type::integer, Type::integer});
    for (const auto& [key, one] : lines) {
        rows.add(key.member.value(), key.day, key.order, key.product.value(), one.category.value(),
                 one.quantity, one.cents);
    }
    return connection.insert(kOrderLines, rows);
}

}  // namespace vitrine::central
