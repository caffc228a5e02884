// wrong: (could not convert|no matching constructor)
#include "agent/host/log.hpp"

vitrine::host::Field field_of([[maybe_unused]] vitrine::MemberId member,
                              [[maybe_unused]] vitrine::StoreId store) {
#ifdef WRONG
    return {"member", member};
#else
    return {"store", store};
#endif
}
