#include "ctl/taxonomy_builder.hpp"

#include <algorithm>

namespace vitrine::ctl {

namespace {

bool known(std::string_view name) { return !name.empty() && name != "NA"; }

}  // namespace

void TaxonomyBuilder::add(std::string_view department, std::string_view category,
                          std::string_view type) {
    std::vector<std::string> path;
    for (const std::string_view name : {department, category, type}) {
        if (!known(name)) break;
        path.emplace_back(name);
        paths_.emplace(path, static_cast<std::uint32_t>(paths_.size()));
    }
    path_of_.push_back(path.empty() ? UINT32_MAX : paths_.at(path));
}

Result<TaxonomyBuilder::Taxonomy> TaxonomyBuilder::build() && {
    if (paths_.size() > 0xfffe) return exhausted("more than 65,534 departments, categories, types");
    Taxonomy taxonomy;
    std::vector<CategoryId> ids(paths_.size());
    for (std::size_t level = 1; level <= kLevels; ++level) {
        for (const auto& [path, number] : paths_) {
            if (path.size() != level) continue;
            const CategoryId id(static_cast<std::uint16_t>(taxonomy.categories.size() + 1));
            ids[number] = id;
            profiles::Category category{.id = id, .rhythm_days = 0};
            category.name.fr = path.back();
            if (level > 1) category.parent = ids[paths_.at({path.begin(), path.end() - 1})];
            taxonomy.categories.push_back(std::move(category));
        }
    }
    for (const std::uint32_t path : path_of_) {
        taxonomy.category_of.push_back(path == UINT32_MAX ? CategoryId() : ids[path]);
    }
    return taxonomy;
}

}  // namespace vitrine::ctl
