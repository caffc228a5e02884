#pragma once

#include <string_view>

#include "agent/session/record.hpp"
#include "sync/wire/json.hpp"
#include "sync/wire/record_json.hpp"

// The `data` member of a record's event. Only record_json.cpp uses this.
namespace vitrine::wire {

/// Of a free text in a record.
inline constexpr std::size_t kRecordTextBytesMax = 256;
/// A float has no bounds but that it is one.
inline constexpr double kRealMax = std::numeric_limits<float>::max();

Result<Json> encode_data(const session::RecordBody& body);

bool is_known_type(std::string_view type);

/// Reads the data of an event of a known type. Mistakes go into the report.
session::RecordBody decode_data(std::string_view type, const Json& data, const Place& place,
                                Report& report);

}  // namespace vitrine::wire
