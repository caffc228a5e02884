#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/profiles/catalogue.hpp"

namespace vitrine::ctl {

/// Makes a taxonomy from what products say of themselves: departments, categories in them, types in
/// those. Numbered from 1 in order of name, level by level, so that the order of products says
/// nothing. Nothing bought has a rhythm of its category: members have their own.
class TaxonomyBuilder {
  public:
    /// One more product. An empty name, or "NA", is not known: then those below it are not either.
    void add(std::string_view department, std::string_view category, std::string_view type);

    struct Taxonomy {
        std::vector<profiles::Category> categories;
        std::vector<CategoryId> category_of;  ///< By product, in the order of adding; 0: unknown.
    };
    /// `exhausted` beyond 65,535 categories.
    Result<Taxonomy> build() &&;

  private:
    static constexpr std::size_t kLevels = 3;
    std::map<std::vector<std::string>, std::uint32_t> paths_;
    std::vector<std::uint32_t> path_of_;  ///< By product.
};

}  // namespace vitrine::ctl
