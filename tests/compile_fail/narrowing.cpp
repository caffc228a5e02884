// wrong: -W.*conversion
#include <cstdint>

std::uint8_t octet(int number) {
#ifdef WRONG
    std::uint8_t low = number;
#else
    const auto low = static_cast<std::uint8_t>(number);
#endif
    return low;
}
