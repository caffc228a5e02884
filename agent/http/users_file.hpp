#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"

namespace vitrine::http {

/// Who may log in: a JSON file of names and password hashes, as `vitrinectl password NAME` writes
/// it:
///
///     {"marie": "$argon2id$v=19$…"}
class Users {
  public:
    static constexpr std::size_t kUsersMax = 10'000;

    Users() = default;
    /// Nobody for an empty path. `not_found`, or `invalid` naming the file and the user.
    static Result<Users> load(const std::filesystem::path& file);

    std::optional<std::string> hash_of(const StaffId& user) const;
    std::size_t size() const { return hashes_.size(); }

  private:
    std::map<StaffId, std::string> hashes_;
};

}  // namespace vitrine::http
