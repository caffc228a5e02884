#include <algorithm>
#include <array>
#include <string>

#include "agent/session/record.hpp"
#include "agent/session/screen.hpp"
#include "agent/session/touch.hpp"

namespace vitrine::session {

namespace {

constexpr std::array<std::string_view, 4> kModes{"ambient", "tailored", "group", "conflict"};
constexpr std::array<std::string_view, 13> kTouches{
    "open",  "close",    "why",   "dismiss", "save",   "unsave",       "stay",
    "leave", "identify", "pause", "resume",  "forget", "depersonalise"};

template <class... Ts>
struct Overload : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overload(Ts...) -> Overload<Ts...>;  // clang 14 cannot deduce it by itself.

std::string_view type_of_touch(const PromotionTouched& touched) {
    switch (touched.kind) {
        case PromotionTouched::Kind::clicked:
            return "vitrine.promotion.clicked.v1";
        case PromotionTouched::Kind::dismissed:
            return "vitrine.promotion.dismissed.v1";
        case PromotionTouched::Kind::saved:
            return "vitrine.promotion.saved.v1";
        case PromotionTouched::Kind::explained:
            return "vitrine.promotion.explained.v1";
    }
    check_failed("known kind of touch", __FILE__, __LINE__);
}

}  // namespace

std::string_view name_of(Mode mode) { return kModes[static_cast<std::size_t>(mode)]; }

std::string_view name_of(TouchKind kind) { return kTouches[static_cast<std::size_t>(kind)]; }

Result<TouchKind> touch_from(std::string_view name) {
    for (std::size_t i = 0; i < kTouches.size(); ++i) {
        if (kTouches[i] == name) return static_cast<TouchKind>(i);
    }
    return invalid(
        "unknown kind of touch '" + std::string(name.substr(0, 64)) +
        "' (known: open, close, why, dismiss, save, unsave, stay, leave, identify, pause, "
        "resume, forget, depersonalise)");
}

std::string_view type_of(const Record& record) {
    return std::visit(
        Overload{
            [](const VisitStarted&) -> std::string_view { return "vitrine.visit.started.v1"; },
            [](const VisitEnded&) -> std::string_view { return "vitrine.visit.ended.v1"; },
            [](const PromotionViewed&) -> std::string_view {
                return "vitrine.promotion.viewed.v1";
            },
            [](const PromotionTouched& touched) { return type_of_touch(touched); },
            [](const CouponClaimed&) -> std::string_view { return "vitrine.coupon.claimed.v1"; },
            [](const ConsentChanged&) -> std::string_view { return "vitrine.consent.changed.v1"; },
            [](const StaffViewed&) -> std::string_view { return "vitrine.staff.viewed.v1"; },
            [](const ModelDelta&) -> std::string_view { return "vitrine.model.delta.v1"; },
            [](const AgentHealth&) -> std::string_view { return "vitrine.agent.health.v1"; },
            [](const OrderCompleted&) -> std::string_view { return "vitrine.order.completed.v1"; },
            [](const CouponRedeemed&) -> std::string_view { return "vitrine.coupon.redeemed.v1"; }},
        record.body);
}

bool is_order_number(std::string_view text) {
    return !text.empty() && text.size() <= OrderCompleted::kOrderBytesMax &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == ':' || c == '/' || c == '-';
           });
}

}  // namespace vitrine::session
