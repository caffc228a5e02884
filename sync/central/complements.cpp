#include "sync/central/complements.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "agent/consent/consent.hpp"
#include "sync/central/eigen_rows.hpp"
#include "sync/central/kept_catalogue.hpp"

namespace vitrine::central {

namespace {

using profiles::ItemVector;

/// Towards "as often as by chance" as by so many receipts: what is rare says little.
constexpr double kShrink = 5;
/// Pairs count from so much more than chance on (natural logarithm).
constexpr double kShift = 0.1;
/// A category of which the directions hold less than this part says nothing by them.
constexpr double kHeldMin = 1e-3;

constexpr std::int32_t kDays = 365;
/// Above, every n-th member's purchases are used: pseudonyms are random.
constexpr std::int64_t kLinesMax = 4'000'000;

/// Categories by how they are counted here: 0, 1, 2 …
using Places = std::map<CategoryId, std::uint32_t>;

/// How often one pair came together.
struct Together {
    std::uint32_t receipts = 0;
    std::uint32_t members = 0;
    std::uint32_t last_member = 0;  ///< From 1, so that each counts once.
};

/// Every pair of places, the larger one first.
class Pairs {
  public:
    explicit Pairs(std::size_t places) : pairs_(places * (places - 1) / 2) {}
    Together& of(std::size_t larger, std::size_t smaller) {
        return pairs_[larger * (larger - 1) / 2 + smaller];
    }

  private:
    std::vector<Together> pairs_;
};

/// The categories with enough receipts, at most as many as a model may carry.
Places frequent(std::span<const ReceiptLine> lines, std::uint32_t receipts_min) {
    std::map<CategoryId, std::uint32_t> receipts;
    for (const ReceiptLine& line : lines) ++receipts[line.category];
    std::vector<std::pair<CategoryId, std::uint32_t>> kept;
    for (const auto& each : receipts) {
        if (each.second >= receipts_min) kept.push_back(each);
    }
    std::ranges::stable_sort(kept,
                             [](const auto& a, const auto& b) { return a.second > b.second; });
    kept.resize(std::min(kept.size(), profiles::Model::kVectorsMax));
    std::ranges::sort(kept);
    Places places;
    for (const auto& [category, count] : kept) {
        places.emplace(category, static_cast<std::uint32_t>(places.size()));
    }
    return places;
}

void count_receipt(std::span<const std::uint32_t> places, std::uint32_t member, Pairs& pairs) {
    for (std::size_t i = 1; i < places.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            Together& together = pairs.of(places[i], places[j]);
            ++together.receipts;
            if (together.last_member == member) continue;
            together.last_member = member;
            ++together.members;
        }
    }
}

/// `lines` are in order, each once, so a receipt's lines follow each other in order of category.
Pairs count_pairs(std::span<const ReceiptLine> lines, const Places& places,
                  const ComplementLimits& limits) {
    Pairs pairs(places.size());
    std::vector<std::uint32_t> receipt;
    std::uint32_t member = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool other_member = i == 0 || lines[i].member != lines[i - 1].member;
        if (other_member || lines[i].day != lines[i - 1].day) {
            count_receipt(receipt, member, pairs);
            receipt.clear();
        }
        if (other_member) ++member;
        const auto place = places.find(lines[i].category);
        if (place != places.end() && receipt.size() < limits.categories_per_receipt_max) {
            receipt.push_back(place->second);
        }
    }
    count_receipt(receipt, member, pairs);
    return pairs;
}

/// Shrunken, shifted, positive pointwise mutual information of pairs. The diagonal is each row's
/// largest, as if each category went best with itself: without it half of what the pairs say would
/// lie in negative eigenvalues.
SparseSymmetric information(Pairs& pairs, std::size_t places, std::uint32_t members_min) {
    std::vector<double> margin(places);
    double all = 0;
    for (std::size_t i = 1; i < places; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const double receipts = pairs.of(i, j).receipts;
            margin[i] += receipts;
            margin[j] += receipts;
            all += 2 * receipts;
        }
    }
    SparseSymmetric matrix;
    matrix.rows.resize(places);
    std::vector<double> largest(places);
    for (std::size_t i = 1; i < places; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const Together& together = pairs.of(i, j);
            if (together.members < members_min) continue;
            const double by_chance = margin[i] * margin[j] / all;
            const double value =
                std::log((together.receipts + kShrink) / (by_chance + kShrink)) - kShift;
            if (value <= 0) continue;
            matrix.rows[i].push_back({static_cast<std::uint32_t>(j), value});
            matrix.rows[j].push_back({static_cast<std::uint32_t>(i), value});
            largest[i] = std::max(largest[i], value);
            largest[j] = std::max(largest[j], value);
        }
    }
    for (std::size_t i = 0; i < places; ++i) {
        if (largest[i] > 0) matrix.rows[i].push_back({static_cast<std::uint32_t>(i), largest[i]});
    }
    return matrix;
}

/// A row as a direction of length 127; nothing where too little of it is held.
std::optional<ItemVector> direction_of(CategoryId category, std::span<const double> row,
                                       double own) {
    double square = 0;
    for (const double each : row) square += each * each;
    if (own <= 0 || square < kHeldMin * own) return std::nullopt;
    ItemVector vector{.category = category};
    const double scale = 127 / std::sqrt(square);
    for (std::size_t k = 0; k < row.size(); ++k) {
        vector.direction[k] = static_cast<std::int8_t>(std::lround(row[k] * scale));
    }
    return vector;
}

Result<std::int64_t> every_nth(sql::Connection& connection, std::int32_t today) {
    auto select = TRY(connection.prepare("SELECT count(*) FROM bought WHERE day > ?"));
    TRY(select.bind(today - kDays).step());
    return select.integer(0) / kLinesMax + 1;
}

}  // namespace

std::vector<ItemVector> complements_of(std::vector<ReceiptLine> lines,
                                       const ComplementLimits& limits) {
    std::ranges::sort(lines);
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    const Places places = frequent(lines, limits.receipts_min);
    if (places.size() < 2) return {};
    Pairs pairs = count_pairs(lines, places, limits);
    const SparseSymmetric matrix = information(pairs, places.size(), limits.members_min);
    const std::vector<double> rows = leading_rows(matrix, ItemVector::kSize);
    std::vector<ItemVector> vectors;
    for (const auto& [category, place] : places) {
        const auto& entries = matrix.rows[place];
        const double own = entries.empty() ? 0 : entries.back().value;  // The diagonal.
        const auto row = std::span(rows).subspan(place * ItemVector::kSize, ItemVector::kSize);
        if (const auto vector = direction_of(category, row, own)) vectors.push_back(*vector);
    }
    return vectors;
}

Result<std::vector<ItemVector>> learn_complements(sql::Connection& connection, WallTime now) {
    const profiles::Catalogue catalogue = TRY(kept_catalogue(connection));
    const std::int32_t today = day_of(now);
    auto select = TRY(connection.prepare(
        "SELECT p.member, p.day, p.category FROM bought p JOIN consents c ON c.member = "
        "p.member AND c.purpose = ?1 WHERE p.day > ?2 AND p.day <= ?3 AND (p.member & "
        "9223372036854775807) % ?4 = 0 AND c.granted = 1 AND c.grant_version >= c.withdrawal AND "
        "?5 < c.valid_until"));
    select.bind(static_cast<int>(consent::Purpose::measure), today - kDays, today,
                TRY(every_nth(connection, today)), now.time_since_epoch().count());
    std::vector<ReceiptLine> lines;
    while (TRY(select.step())) {
        const CategoryId category(static_cast<std::uint16_t>(select.integer(2)));
        if (catalogue.sensitive(category)) continue;
        lines.push_back({.member = MemberId(select.bits(0)),
                         .day = static_cast<std::int32_t>(select.integer(1)),
                         .category = category});
    }
    return complements_of(std::move(lines));
}

}  // namespace vitrine::central
