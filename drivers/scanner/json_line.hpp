#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine::scanner {

/// One line of the files that recordings and shoppers' scripts are written in: a flat JSON object
/// of texts and numbers, such as {"t": 0.5, "scanner": "door"}. Texts hold no escapes, because
/// nothing in those files needs one; so every value is a view into the line, which must outlive
/// this.
///
/// Limits: kFieldsMax fields, no key twice.
class JsonLine {
  public:
    static constexpr std::size_t kFieldsMax = 16;

    /// `invalid` for anything but such an object with nothing behind it.
    static Result<JsonLine> parse(std::string_view line);

    bool has(std::string_view key) const { return find(key) != nullptr; }
    /// `invalid`, naming the key, if it is missing or not a text.
    Result<std::string_view> text(std::string_view key) const;
    /// The same for a number from `min` to `max`.
    Result<double> number(std::string_view key, double min, double max) const;
    /// `invalid`, naming the first key that is not one of these: a misspelt key is never
    /// overlooked.
    Result<void> has_only(std::initializer_list<std::string_view> keys) const;

  private:
    struct Field {
        std::string_view key;
        std::string_view value;  ///< What stands between the quotes, or the number's digits.
        bool is_text = false;
    };
    const Field* find(std::string_view key) const;

    std::vector<Field> fields_;
};

}  // namespace vitrine::scanner
