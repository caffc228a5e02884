#pragma once

#include <string>
#include <string_view>

#include "sync/sql/sql.hpp"

// How values and statements are written for PostgreSQL, which takes them as text.
namespace vitrine::sql {

/// `?` and `?3` as `$1` and `$3`; what is within quotes stays.
std::string numbered(std::string_view sql);

/// PostgreSQL takes UTF-8 without NUL only: each byte that is none becomes U+FFFD, so that no
/// hostile text can stop a transaction.
std::string clean_text(std::string_view text);

/// `\x0a0b…`, and back; anything else is no bytes.
std::string hex_of(ByteView bytes);
Bytes bytes_of_hex(std::string_view hex);

/// A column of rows as an array: `{1,2}`, `{"a","b"}`.
std::string array_of(const Rows& rows, std::size_t column);

/// A connection URI with limits to how long the server may be silent, where it names none.
std::string with_timeouts(std::string url);
/// The URI without its password.
std::string public_name(std::string_view url);

/// One line, without the line end that libpq puts behind what it says.
std::string trimmed(std::string_view message);

}  // namespace vitrine::sql
