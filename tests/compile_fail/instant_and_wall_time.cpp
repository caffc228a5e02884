// wrong: (no match for|invalid operands)
#include "agent/base/time.hpp"

bool is_over(vitrine::Instant deadline, [[maybe_unused]] vitrine::WallTime wall,
             [[maybe_unused]] vitrine::Instant now) {
#ifdef WRONG
    return deadline <= wall;
#else
    return deadline <= now;
#endif
}
