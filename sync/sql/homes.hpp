#pragma once

#include "sync/sql/sql.hpp"

// The two homes. Only this module includes this.
namespace vitrine::sql {

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path);
Result<std::unique_ptr<Connection>> open_postgres(const std::string& url);

std::string joined_by_commas(std::span<const std::int64_t> values);

}  // namespace vitrine::sql
