#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"

namespace vitrine::wire {

/// MQTT 5 content types of what travels up, and the user property that says how it is packed.
inline constexpr std::string_view kBatchContentType = "application/cloudevents-batch+json";
inline constexpr std::string_view kEventContentType = "application/cloudevents+json";
inline constexpr std::string_view kEncodingProperty = "content-encoding";
inline constexpr std::string_view kZstd = "zstd";
/// User property: the lowest sequence that the agent's outbox still has, as a decimal number. What
/// is below it and did not arrive is lost and is not waited for.
inline constexpr std::string_view kFloorProperty = "floor";

/// Of one batch, before packing.
inline constexpr std::size_t kBatchBytesMax = 4U << 20;
inline constexpr std::size_t kBatchEventsMax = 10'000;

/// Several events (rows of an outbox, each one JSON object) as one JSON array under zstd level 1.
/// The caller keeps within the two limits; beyond them it is a bug.
Bytes encode_batch(std::span<const std::string_view> events);

/// Takes a message apart into its events, byte for byte as their agents wrote them. `content_type`
/// is one of the two above; `encoding` is kZstd or empty. Errors: `invalid` for another type or
/// encoding, damaged or trailing bytes, or what is not an array of objects; `exhausted` for what
/// would unpack beyond a limit, however small it is packed. The events themselves are not read.
Result<std::vector<std::string>> decode_batch(ByteView message, std::string_view content_type,
                                              std::string_view encoding);

/// A message with what its user properties say. Errors: those of decode_batch.
struct Received {
    std::vector<std::string> events;
    std::optional<Sequence> floor;  ///< Nothing where it is not a decimal number.
};
Result<Received> decode_message(
    ByteView message, std::string_view content_type,
    std::span<const std::pair<std::string, std::string>> user_properties);

}  // namespace vitrine::wire
