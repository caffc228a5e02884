#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/consent/consent.hpp"
#include "agent/offers/decision.hpp"
#include "agent/offers/learner.hpp"
#include "agent/session/screen.hpp"

namespace vitrine::session {

/// vitrine.visit.started / .ended. Without a subject it only says that a tailored visit took place.
struct VisitStarted {
    std::uint64_t visit =
        0;  ///< Random; ties the records of one visit together without naming anyone.
    friend bool operator==(const VisitStarted&, const VisitStarted&) = default;
};
struct VisitEnded {
    std::uint64_t visit = 0;
    std::uint32_t seconds = 0;
    std::uint16_t touches = 0;
    friend bool operator==(const VisitEnded&, const VisitEnded&) = default;
};

/// vitrine.promotion.viewed: one decision came on a screen.
struct PromotionViewed {
    std::uint64_t visit = 0;
    Mode mode = Mode::ambient;
    offers::Decision decision;
    friend bool operator==(const PromotionViewed&, const PromotionViewed&) = default;
};

/// vitrine.promotion.clicked / .dismissed / .saved / .explained.
struct PromotionTouched {
    enum class Kind : std::uint8_t { clicked, dismissed, saved, explained };
    Kind kind = Kind::clicked;
    std::uint64_t visit = 0;
    DecisionId decision;
    OfferId offer;
    std::uint8_t position = 0;  ///< From 0.
    float probability = 1;
    offers::Path path = offers::Path::mass;
    friend bool operator==(const PromotionTouched&, const PromotionTouched&) = default;
};

/// vitrine.coupon.claimed: a saved offer was taken along by its one-time code.
struct CouponClaimed {
    std::uint64_t visit = 0;
    OfferId offer;
    friend bool operator==(const CouponClaimed&, const CouponClaimed&) = default;
};

/// vitrine.order.completed: what a till sold on one receipt. Its subject is whose card was shown,
/// if that member lets the shop measure; without one it only says what was sold.
struct OrderCompleted {
    struct Line {
        ProductId product;
        CategoryId category;
        std::uint32_t quantity = 1;
        std::uint32_t cents = 0;  ///< Of the whole line, as paid.
        friend bool operator==(const Line&, const Line&) = default;
    };
    static constexpr std::size_t kLinesMax = 500;
    static constexpr std::size_t kOrderBytesMax = 64;

    std::string order;        ///< The till's own number of the receipt; 1 to 64 of A-Za-z0-9._:/-
    WallTime ordered;         ///< By the till's clock, never later than the record.
    std::vector<Line> lines;  ///< 1 to kLinesMax, in order of product, each product once.
    friend bool operator==(const OrderCompleted&, const OrderCompleted&) = default;
};
/// Whether it may be the number of a receipt.
bool is_order_number(std::string_view text);

/// vitrine.coupon.redeemed: a promotion was used at a till.
struct CouponRedeemed {
    std::string order;
    OfferId offer;
    friend bool operator==(const CouponRedeemed&, const CouponRedeemed&) = default;
};

/// vitrine.consent.changed.
struct ConsentChanged {
    consent::Event event;
    friend bool operator==(const ConsentChanged&, const ConsentChanged&) = default;
};

/// vitrine.staff.viewed: somebody of the staff looked at a member's context.
struct StaffViewed {
    StaffId staff;
    friend bool operator==(const StaffViewed&, const StaffViewed&) = default;
};

/// vitrine.model.delta: what this agent learned so far under one model epoch, cumulative.
struct ModelDelta {
    offers::Statistics statistics;
    friend bool operator==(const ModelDelta&, const ModelDelta&) = default;
};

/// vitrine.agent.health.
struct AgentHealth {
    std::uint64_t adverts_heard = 0;
    std::uint64_t adverts_recognised = 0;
    std::uint32_t backlog_records = 0;
    std::uint32_t dropped_records = 0;  ///< For want of room, all of them since the outbox began, …
    std::uint32_t dropped_actions = 0;  ///< … and of these by what they were worth.
    std::uint32_t dropped_impressions = 0;
    std::uint32_t dropped_health = 0;
    std::uint32_t unsendable_records = 0;  ///< Set aside since the outbox began: nobody took them.
    std::string unsendable_reason;         ///< Of the last one; empty exactly where there is none.
    profiles::Epochs epochs;
    std::string scanner;  ///< The scanner's state in a word.
    friend bool operator==(const AgentHealth&, const AgentHealth&) = default;
};

using RecordBody = std::variant<VisitStarted, VisitEnded, PromotionViewed, PromotionTouched,
                                CouponClaimed, ConsentChanged, StaffViewed, ModelDelta, AgentHealth,
                                OrderCompleted, CouponRedeemed>;

/// Something that happened, to be kept before the screen changes and merged at the centre.
struct Record {
    WallTime time;
    Hlc hlc;
    KioskId kiosk;                    ///< Empty where none was involved.
    std::optional<MemberId> subject;  ///< Only with that member's permission to measure, or where
                                      ///< the record is the member's own decision.
    RecordBody body;
    friend bool operator==(const Record&, const Record&) = default;
};

/// The CloudEvents type, "vitrine.promotion.viewed.v1".
std::string_view type_of(const Record& record);

}  // namespace vitrine::session
