// wrong: (no matching|no match|constraint)
#include "agent/host/log.hpp"

vitrine::host::Field field_of(vitrine::MemberId member, vitrine::StoreId store) {
#ifdef WRONG
    return {"member", member};
#else
    (void)member;
    return {"store", store};
#endif
}
