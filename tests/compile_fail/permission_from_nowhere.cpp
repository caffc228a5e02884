// wrong: private
#include "agent/consent/gate.hpp"

using Personal = vitrine::consent::Permitted<vitrine::consent::Purpose::personalise>;

std::optional<Personal> ask([[maybe_unused]] const vitrine::consent::Gate& gate,
                            vitrine::MemberId member, [[maybe_unused]] vitrine::WallTime now) {
#ifdef WRONG
    return Personal(member);
#else
    return gate.permit<vitrine::consent::Purpose::personalise>(member, now);
#endif
}
