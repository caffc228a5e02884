#pragma once

#include <cstdint>
#include <vector>

#include "agent/offers/exposures.hpp"
#include "agent/offers/shelf.hpp"
#include "agent/profiles/profile.hpp"

namespace vitrine::offers {

/// What one member did and saw before, found on the shelf once a decision. Keeps its memory.
struct History {
    struct Seen {
        std::uint32_t row = 0;
        Exposure::Count count;
    };
    /// Of all products that an offer covers.
    struct Bought {
        std::uint32_t row = 0;
        std::int32_t last_day = 0;
        float weight = 0;
    };
    std::vector<Seen> seen;
    std::vector<Bought> bought;
    std::vector<std::uint32_t> left;  ///< Rows of products left in the web basket, each once.

    void lay_out(const Shelf& shelf);
    void clear();
    void find_seen(const Shelf& shelf, const Exposure& exposure);
    void find_bought(const Shelf& shelf, const profiles::Profile& profile);
    void find_left(const Shelf& shelf, const profiles::Profile& profile);

  private:
    static constexpr std::uint32_t kNowhere = 0xffffffff;
    std::vector<std::uint32_t> place_of_;  ///< By row: in `bought`.
    std::vector<bool> is_left_;            ///< By row: whether it is in `left`.
};

}  // namespace vitrine::offers
