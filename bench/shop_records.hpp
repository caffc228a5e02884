#pragma once

#include <string>

#include "agent/base/random.hpp"
#include "agent/session/record.hpp"

/// Records as shops write them: two visits are nine of them.
namespace vitrine::bench {

class ShopRecords {
  public:
    explicit ShopRecords(std::uint64_t seed) : rng_(seed) {}

    session::Record next(WallTime now) {
        const std::size_t step = step_++ % 9;
        if (step == 0 || step == 5) {
            visit_ = rng_.next();
            member_ = MemberId(1 + rng_.below(20'000));
        }
        session::Record record{
            .time = now,
            .hlc = Hlc(static_cast<std::uint64_t>(now.time_since_epoch().count()) << 16),
            .kiosk = KioskId::parse("entrance").value(),
            .subject = visit_ % 2 == 0 ? std::optional(member_) : std::nullopt,
            .body = session::VisitStarted{visit_}};
        if (step == 4 || step == 8) {
            record.body = session::VisitEnded{.visit = visit_, .seconds = 95, .touches = 1};
        } else if (step == 2) {
            record.body = touched();
        } else if (step != 0 && step != 5) {
            record.body = viewed();
        }
        return record;
    }

  private:
    session::PromotionTouched touched() {
        return {.kind = session::PromotionTouched::Kind::clicked,
                .visit = visit_,
                .decision = decision_,
                .offer = OfferId(1 + static_cast<std::uint32_t>(rng_.below(200))),
                .position = 1,
                .probability = 0.21F,
                .path = offers::Path::personal};
    }

    session::PromotionViewed viewed() {
        decision_ = DecisionId(rng_.next() | 1);
        session::PromotionViewed viewed{.visit = visit_, .mode = session::Mode::tailored};
        offers::Decision& decision = viewed.decision;
        decision.id = decision_;
        decision.path = offers::Path::personal;
        decision.epochs = {Epoch(7), Epoch(812), Epoch(31), Epoch(3), Epoch(812)};
        decision.candidate_count = 200;
        decision.eligible_count = 143;
        decision.eligible_hash = rng_.next();
        decision.removals[0] = 40;
        decision.removals[1] = 17;
        decision.slot_count = 3;
        for (std::size_t i = 0; i < 3; ++i) {
            decision.slots[i].offer = OfferId(1 + static_cast<std::uint32_t>(rng_.below(200)));
            decision.slots[i].probability = 0.1F + static_cast<float>(rng_.uniform()) / 3;
            decision.slots[i].score = 0.01F + static_cast<float>(rng_.uniform()) / 20;
        }
        return viewed;
    }

    Rng rng_;
    std::size_t step_ = 0;
    std::uint64_t visit_ = 0;
    MemberId member_;
    DecisionId decision_;
};

}  // namespace vitrine::bench
