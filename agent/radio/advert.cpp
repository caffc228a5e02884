#include "agent/radio/advert.hpp"

namespace vitrine::radio {

Result<Address> Address::parse(std::string_view text) {
    std::string digits;
    if (text.size() == 17) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (i % 3 != 2) {
                digits += text[i];
            } else if (text[i] != ':') {
                return invalid("expected ':' between the pairs of a Bluetooth address");
            }
        }
    } else {
        digits = text.substr(0, 13);
    }
    auto bytes = fixed_from_hex<6>(digits);
    if (!bytes) return invalid("not a Bluetooth address (twelve hexadecimal digits)");
    return Address{*bytes};
}

}  // namespace vitrine::radio
