#include "agent/http/users_file.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "agent/http/passwords.hpp"

namespace vitrine::http {

Result<Users> Users::load(const std::filesystem::path& file) {
    Users users;
    if (file.empty()) return users;
    std::ifstream in(file, std::ios::binary);
    if (!in) return not_found(file.string() + ": cannot be read");
    const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
    if (!json.is_object() || json.size() > kUsersMax) {
        return invalid(file.string() + ": expected a JSON object of names and password hashes");
    }
    for (const auto& [name, hash] : json.items()) {
        const auto id = TRY(StaffId::parse(name).within(file.string()));
        const auto* text = hash.get_ptr<const std::string*>();
        if (text == nullptr || !is_password_hash(*text)) {
            return invalid(file.string() + ": " + name +
                           ": not a hash that `vitrinectl password` printed");
        }
        users.hashes_.emplace(id, *text);
    }
    return users;
}

std::optional<std::string> Users::hash_of(const StaffId& user) const {
    const auto at = hashes_.find(user);
    return at == hashes_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace vitrine::http
