#include "sync/wire/batch.hpp"

#include <charconv>

#include "sync/wire/compress.hpp"

namespace vitrine::wire {

namespace {

constexpr int kLevel = 1;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Finds the ends of JSON values without reading them: that is left to whoever reads the events.
class Splitter {
  public:
    explicit Splitter(std::string_view text) : text_(text) {}

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    bool accept(char wanted) {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    bool done() {
        skip_blanks();
        return at_ == text_.size();
    }

    /// The object that begins here; nothing where none does, or it does not end.
    std::string_view object() {
        skip_blanks();
        const std::size_t begin = at_;
        if (at_ >= text_.size() || text_[at_] != '{') return {};
        std::size_t depth = 0;
        bool in_text = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (in_text) {
                if (c == '\\') ++at_;
                if (c == '"') in_text = false;
            } else if (c == '"') {
                in_text = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                ++at_;
                return text_.substr(begin, at_ - begin);
            }
        }
        return {};
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

Result<std::vector<std::string>> split(std::string_view text) {
    std::vector<std::string> events;
    Splitter splitter(text);
    if (!splitter.accept('[')) return invalid("a batch is not an array");
    if (!splitter.accept(']')) {
        do {
            const std::string_view event = splitter.object();
            const std::string where = "event " + std::to_string(events.size() + 1);
            if (event.empty()) return invalid(where + " is no complete object");
            if (events.size() == kBatchEventsMax) {
                return exhausted("a batch of more than " + std::to_string(kBatchEventsMax) +
                                 " events");
            }
            events.emplace_back(event);
        } while (splitter.accept(','));
        if (!splitter.accept(']')) return invalid("a batch is not closed");
    }
    if (!splitter.done()) return invalid("bytes after the batch");
    return events;
}

Result<Bytes> unpacked(ByteView message, std::string_view encoding) {
    if (encoding == kZstd) return decompress(message, kBatchBytesMax);
    if (!encoding.empty()) {
        return invalid("unknown content-encoding '" + std::string(encoding.substr(0, 64)) + "'");
    }
    if (message.size() > kBatchBytesMax) {
        return exhausted("a message of more than " + std::to_string(kBatchBytesMax) + " bytes");
    }
    return Bytes(message.begin(), message.end());
}

}  // namespace

Bytes encode_batch(std::span<const std::string_view> events) {
    CHECK(events.size() <= kBatchEventsMax);
    std::string text = "[";
    for (const std::string_view event : events) {
        if (text.size() > 1) text += ',';
        text += event;
    }
    text += ']';
    CHECK(text.size() <= kBatchBytesMax);
    return compress(view_of(text), kLevel);
}

Result<std::vector<std::string>> decode_batch(ByteView message, std::string_view content_type,
                                              std::string_view encoding) {
    // "application/cloudevents+json; charset=utf-8" is the same type.
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    const Bytes bytes = TRY(unpacked(message, encoding));
    if (type == kBatchContentType) return split(text_of(bytes));
    if (type == kEventContentType) return std::vector<std::string>{std::string(text_of(bytes))};
    return invalid("unknown content type '" + std::string(content_type.substr(0, 64)) + "'");
}

Result<Received> decode_message(
    ByteView message, std::string_view content_type,
    std::span<const std::pair<std::string, std::string>> user_properties) {
    std::string_view encoding;
    Received received;
    for (const auto& [name, value] : user_properties) {
        if (name == kEncodingProperty) encoding = value;
        if (name != kFloorProperty) continue;
        std::uint64_t floor = 0;
        const char* const end = value.data() + value.size();
        const auto read = std::from_chars(value.data(), end, floor);
        if (!value.empty() && read.ec == std::errc{} && read.ptr == end) {
            received.floor = Sequence(floor);
        }
    }
    received.events = TRY(decode_batch(message, content_type, encoding));
    return received;
}

}  // namespace vitrine::wire
