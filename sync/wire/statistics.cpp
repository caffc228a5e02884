#include "sync/wire/statistics.hpp"

#include <vector>

#include "sync/wire/compress.hpp"

namespace vitrine::wire {

namespace {

constexpr int kLevel = 3;
constexpr std::size_t kNumberBytes = 8;

std::uint64_t zigzag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1 ^ (value < 0 ? ~0ULL : 0ULL);
}

std::int64_t unzigzag(std::uint64_t bits) {
    return static_cast<std::int64_t>(bits >> 1 ^ ((bits & 1) != 0 ? ~0ULL : 0ULL));
}

/// Hands the numbers out one after the other.
class Planes {
  public:
    Planes(const Bytes& planes) : planes_(planes), count_(planes.size() / kNumberBytes) {}

    std::int64_t next() { return unzigzag(next_bits()); }

    std::uint64_t next_bits() {
        std::uint64_t bits = 0;
        for (std::size_t plane = kNumberBytes; plane-- > 0;) {
            bits = bits << 8 | planes_[plane * count_ + at_];
        }
        ++at_;
        return bits;
    }

    void fill(std::vector<std::int64_t>& numbers, std::size_t count) {
        numbers.resize(count);
        for (auto& number : numbers) number = next();
    }

  private:
    const Bytes& planes_;
    std::size_t count_;
    std::size_t at_ = 0;
};

}  // namespace

Bytes pack_totals(const offers::Statistics& statistics) {
    std::vector<std::uint64_t> numbers;
    numbers.reserve(statistics.gradient.size() + statistics.curvature.size() +
                    4 * statistics.offsets.size());
    for (const auto number : statistics.gradient) numbers.push_back(zigzag(number));
    for (const auto number : statistics.curvature) numbers.push_back(zigzag(number));
    for (const auto& each : statistics.offsets) numbers.push_back(each.id.value());
    for (const auto& each : statistics.offsets) numbers.push_back(each.within.value());
    for (const auto& each : statistics.offsets) numbers.push_back(zigzag(each.gradient));
    for (const auto& each : statistics.offsets) numbers.push_back(zigzag(each.curvature));

    Bytes planes;
    planes.reserve(numbers.size() * kNumberBytes);
    for (std::size_t plane = 0; plane < kNumberBytes; ++plane) {
        for (const auto number : numbers) {
            planes.push_back(static_cast<std::uint8_t>(number >> 8 * plane));
        }
    }
    return compress(planes, kLevel);
}

Result<void> unpack_totals(ByteView packed, const StatisticsShape& shape,
                           offers::Statistics& statistics) {
    const std::size_t count = shape.weights + shape.pairs + 4 * shape.offsets;
    const Bytes planes = TRY(decompress(packed, count * kNumberBytes));
    if (planes.size() != count * kNumberBytes) {
        return invalid("holds " + std::to_string(planes.size() / kNumberBytes) +
                       " numbers, not the " + std::to_string(count) + " that were announced");
    }
    Planes numbers(planes);
    numbers.fill(statistics.gradient, shape.weights);
    numbers.fill(statistics.curvature, shape.pairs);
    statistics.offsets.resize(shape.offsets);
    for (auto& each : statistics.offsets) each.id = profiles::OffsetId(numbers.next_bits());
    for (auto& each : statistics.offsets) each.within = profiles::OffsetId(numbers.next_bits());
    for (const auto& each : statistics.offsets) {
        if (std::max(each.id, each.within) > profiles::kLastOffsetId) {
            return invalid("holds an offset id beyond its bounds");
        }
    }
    for (auto& each : statistics.offsets) each.gradient = numbers.next();
    for (auto& each : statistics.offsets) each.curvature = numbers.next();
    return {};
}

}  // namespace vitrine::wire
