// wrong: (conversion from|could not convert|no viable conversion)
#include "agent/base/ids.hpp"

vitrine::MemberId nobody() {
#ifdef WRONG
    return 0;
#else
    return vitrine::MemberId(0);
#endif
}
