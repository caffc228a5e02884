#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"

namespace vitrine::radio {

/// A Bluetooth device address, most significant byte first as people write it. It says from where
/// one advert came and is never a key: phones change it every few seconds.
struct Address {
    std::array<std::uint8_t, 6> bytes{};

    /// Reads twelve hexadecimal digits with or without `:` between the pairs; `invalid` otherwise.
    static Result<Address> parse(std::string_view text);

    friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

/// The AD structures of one advert, kept inline: 31 bytes of a legacy advert and 31 of its scan
/// response fit. No member's frame is longer, so what does not fit may be dropped unread.
class Payload {
  public:
    static constexpr std::size_t kSizeMax = 64;

    constexpr Payload() = default;

    /// Nothing if there are more than kSizeMax bytes.
    static constexpr std::optional<Payload> from(ByteView bytes) {
        if (bytes.size() > kSizeMax) return std::nullopt;
        Payload payload;
        std::copy(bytes.begin(), bytes.end(), payload.bytes_.begin());
        payload.size_ = static_cast<std::uint8_t>(bytes.size());
        return payload;
    }

    constexpr ByteView view() const { return {bytes_.data(), size_}; }

    friend constexpr bool operator==(const Payload& a, const Payload& b) {
        return std::ranges::equal(a.view(), b.view());
    }

  private:
    std::array<std::uint8_t, kSizeMax> bytes_{};
    std::uint8_t size_ = 0;
};

/// One advertising report as one scanner heard it. A plain value: copying it allocates nothing.
struct Advert {
    Instant at{};
    /// Index of the scanner in the configured list.
    std::uint16_t scanner = 0;
    Rssi rssi = kRssiUnknown;
    Address address{};
    Payload data{};

    ByteView payload() const { return data.view(); }
};
static_assert(std::is_trivially_copyable_v<Advert>);

}  // namespace vitrine::radio
