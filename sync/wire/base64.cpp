#include "sync/wire/base64.hpp"

#include <array>

namespace vitrine::wire {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> values_of_letters() {
    std::array<std::int8_t, 256> values{};
    for (auto& value : values) value = -1;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}
constexpr std::array<std::int8_t, 256> kValues = values_of_letters();

}  // namespace

std::string to_base64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? bytes[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j) {
            text += j <= count ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
        }
    }
    return text;
}

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return invalid("base64 comes in groups of four");
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const bool last = i + 4 == text.size();
        std::size_t letters = 4;
        while (last && letters > 2 && text[i + letters - 1] == '=') --letters;
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const auto value =
                j < letters ? kValues[static_cast<std::uint8_t>(text[i + j])] : std::int8_t{0};
            if (value < 0) return invalid("not base64");
            group = group << 6 | static_cast<std::uint32_t>(value);
        }
        for (std::size_t j = 0; j + 1 < letters; ++j) {
            bytes.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * j) & 0xff));
        }
        const std::uint32_t unused = letters == 4 ? 0U : group & (letters == 3 ? 0xffU : 0xffffU);
        if (unused != 0) return invalid("base64 with stray bits at the end");
    }
    return bytes;
}

}  // namespace vitrine::wire
