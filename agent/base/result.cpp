#include "agent/base/result.hpp"

namespace vitrine {

std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return "invalid";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::denied:
            return "denied";
        case ErrorCode::exhausted:
            return "exhausted";
        case ErrorCode::corrupt:
            return "corrupt";
        case ErrorCode::conflict:
            return "conflict";
    }
    check_failed("known ErrorCode", __FILE__, __LINE__);
}

}  // namespace vitrine
