#pragma once

#include <array>
#include <cstdint>

namespace vitrine {

/// xoshiro256++ (Blackman and Vigna, 2019) seeded through splitmix64: the same seed gives the same
/// numbers on every machine. Not for secrets.
class Rng {
  public:
    explicit Rng(std::uint64_t seed);

    std::uint64_t next();
    /// In [0, 1), with 53 bits.
    double uniform();
    /// In [0, bound) without bias; `bound` is at least 1.
    std::uint64_t below(std::uint64_t bound);
    /// Standard normal, by the polar method.
    double normal();

  private:
    std::array<std::uint64_t, 4> state_{};
    double spare_ = 0;
    bool has_spare_ = false;
};

}  // namespace vitrine
