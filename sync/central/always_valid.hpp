#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace vitrine::central {

/// What the members of one arm did: how many there are, and the sums of each one's number and of
/// its square.
struct ArmSums {
    std::uint64_t members = 0;
    double sum = 0;
    double squares = 0;

    void add(double each) {
        ++members;
        sum += each;
        squares += each * each;
    }
    double mean() const { return members == 0 ? 0 : sum / static_cast<double>(members); }
};

/// A difference of means and an interval that holds at all times together.
struct Difference {
    double difference = 0;
    double low = 0;
    double high = 0;
};

/// Of `arm` less `against`, with a chance of at most `alpha` that the interval ever misses the
/// truth, however often one looks: the asymptotic confidence sequence of Waudby-Smith, Arbour,
/// Sinha, Kennedy and Ramdas (2021), narrowest at about a thousand members. Nothing where an arm
/// has fewer than two members.
std::optional<Difference> always_valid(const ArmSums& arm, const ArmSums& against, double alpha);

/// How likely sizes as uneven as these are, where members fall into arms by these weights:
/// Pearson's chi-square. Below 0.001 something other than the experiment decides who is in which
/// arm. 1 where there is nothing to compare.
double sample_ratio_p(std::span<const std::uint64_t> members, std::span<const double> weights);

}  // namespace vitrine::central
