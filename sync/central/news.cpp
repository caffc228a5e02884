#include "sync/central/news.hpp"

namespace vitrine::central {

Result<void> tell_news(sql::Connection& connection) {
    return connection.execute(
        "INSERT INTO news VALUES ('shops', 1) ON CONFLICT (kind) DO UPDATE SET revision = "
        "news.revision + 1");
}

Result<std::int64_t> news_told(sql::Connection& connection) {
    return connection.integer_of("SELECT coalesce(sum(revision), 0) FROM news");
}

}  // namespace vitrine::central
