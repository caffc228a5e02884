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

    std::int64_t next() {
        std::uint64_t bits = 0;
        for (std::size_t plane = kNumberBytes; plane-- > 0;) {
            bits = bits << 8 | planes_[plane * count_ + at_];
        }
        ++at_;
        return unzigzag(bits);
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
                    3 * statistics.offers.size());
    for (const auto number : statistics.gradient) numbers.push_back(zigzag(number));
    for (const auto number : statistics.curvature) numbers.push_back(zigzag(number));
    for (const auto& each : statistics.offers) numbers.push_back(zigzag(each.offer.value()));
    for (const auto& each : statistics.offers) numbers.push_back(zigzag(each.gradient));
    for (const auto& each : statistics.offers) numbers.push_back(zigzag(each.curvature));

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
    const std::size_t count = shape.weights + shape.pairs + 3 * shape.offers;
    const Bytes planes = TRY(decompress(packed, count * kNumberBytes));
    if (planes.size() != count * kNumberBytes) {
        return invalid("holds " + std::to_string(planes.size() / kNumberBytes) +
                       " numbers, not the " + std::to_string(count) + " that were announced");
    }
    Planes numbers(planes);
    numbers.fill(statistics.gradient, shape.weights);
    numbers.fill(statistics.curvature, shape.pairs);
    statistics.offers.resize(shape.offers);
    for (auto& each : statistics.offers) {
        const std::int64_t id = numbers.next();
        if (id < 0 || id > 0xffffffff) return invalid("holds an offer id beyond its bounds");
        each.offer = OfferId(static_cast<std::uint32_t>(id));
    }
    for (auto& each : statistics.offers) each.gradient = numbers.next();
    for (auto& each : statistics.offers) each.curvature = numbers.next();
    return {};
}

}  // namespace vitrine::wire
