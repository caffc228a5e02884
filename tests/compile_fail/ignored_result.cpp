// wrong: (nodiscard|unused-result)
#include "agent/base/result.hpp"

vitrine::Result<void> keep() { return {}; }

vitrine::Result<void> keep_twice() {
#ifdef WRONG
    keep();
#else
    TRY(keep());
#endif
    return keep();
}
