// wrong: agent/consent/gate\.hpp.*(No such file|file not found)
#include "agent/radio/advert.hpp"
#ifdef WRONG
#include "agent/consent/gate.hpp"
#endif
