// wrong: (no match for|invalid operands)
#include "agent/base/ids.hpp"

bool same(vitrine::MemberId member, vitrine::OfferId offer) {
#ifdef WRONG
    return member == offer;
#else
    return member.value() == offer.value();
#endif
}
