// wrong: private
#include "agent/base/ids.hpp"

vitrine::Result<vitrine::StoreId> store_called(const std::string& text) {
#ifdef WRONG
    return vitrine::StoreId(text);
#else
    return vitrine::StoreId::parse(text);
#endif
}
