// wrong: (invalid initialization|no matching function)
#include "agent/consent/gate.hpp"

using vitrine::consent::Permitted;
using vitrine::consent::Purpose;

vitrine::MemberId member_of(const Permitted<Purpose::personalise>& permission) {
    return permission.member();
}

#ifdef WRONG
vitrine::MemberId tailor_for(const Permitted<Purpose::measure>& permission) {
#else
vitrine::MemberId tailor_for(const Permitted<Purpose::personalise>& permission) {
#endif
    return member_of(permission);
}
