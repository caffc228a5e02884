#include "agent/consent/gate.hpp"

namespace vitrine::consent {

void Ledger::learn(MemberId member, const Consents& consents) {
    if (erased(member)) return;
    const auto known = members_.find(member);
    if (known != members_.end()) {
        known->second = join(known->second, consents);
    } else if (members_.size() < kMembersMax) {
        members_.emplace(member, consents);
    }
}

void Ledger::learn(const Event& event) {
    Consents news;
    news.of(event.purpose) = state_of(event);
    learn(event.subject, news);
}

void Ledger::erase(MemberId member) {
    members_.erase(member);
    erased_.insert(member);
}

Consents Ledger::of(MemberId member) const {
    const auto known = members_.find(member);
    return known == members_.end() ? Consents{} : known->second;
}

bool Gate::allows(MemberId member, Purpose purpose, WallTime now) const {
    if (member == MemberId{} || ledger_.erased(member)) return false;
    return ledger_.of(member).of(purpose).allows(now);
}

}  // namespace vitrine::consent
