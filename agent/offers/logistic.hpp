#pragma once

#include <bit>
#include <cstdint>

namespace vitrine::offers {

/// 1 / (1 + e^-x) from plain arithmetic only: the same bits on every machine, which a C library's
/// exp does not promise, and simple enough for the compiler to do four at once. Relative error
/// below 1e-6; x is clamped to ±30.
inline float logistic(float x) {
    constexpr float kLimit = 30.0F;
    constexpr float kLog2E = 1.44269504F;
    // ln 2 in two parts, so that the reduction is exact for small multiples.
    constexpr float kLn2High = 0.693359375F;
    constexpr float kLn2Low = -2.12194440e-4F;
    // One after the other: a choice within a choice would keep the compiler from vectors.
    const float above = x < -kLimit ? -kLimit : x;
    const float t = -(above > kLimit ? kLimit : above);
    const auto power = static_cast<std::int32_t>(t * kLog2E + 64.5F) - 64;
    const auto k = static_cast<float>(power);
    const float r = (t - k * kLn2High) - k * kLn2Low;
    // Taylor to the sixth power: |r| is at most 0.35.
    float e = 1.0F / 720;
    e = e * r + 1.0F / 120;
    e = e * r + 1.0F / 24;
    e = e * r + 1.0F / 6;
    e = e * r + 0.5F;
    e = e * r + 1.0F;
    e = e * r + 1.0F;
    const float scale = std::bit_cast<float>(static_cast<std::uint32_t>(power + 127) << 23);
    return 1.0F / (1.0F + e * scale);
}

/// The same with a relative error below 1e-12, for learning.
inline double logistic_exactly(double x) {
    constexpr double kLimit = 60.0;
    constexpr double kLog2E = 1.4426950408889634;
    constexpr double kLn2High = 6.93147180369123816490e-01;
    constexpr double kLn2Low = 1.90821492927058770002e-10;
    const double clamped = x < -kLimit ? -kLimit : (x > kLimit ? kLimit : x);
    const double t = -clamped;
    const auto power = static_cast<std::int64_t>(t * kLog2E + 128.5) - 128;
    const auto k = static_cast<double>(power);
    const double r = (t - k * kLn2High) - k * kLn2Low;
    double e = 1.0;
    for (int n = 12; n > 0; --n) e = e * r / n + 1.0;
    const double scale = std::bit_cast<double>(static_cast<std::uint64_t>(power + 1023) << 52);
    return 1.0 / (1.0 + e * scale);
}

}  // namespace vitrine::offers
