#include "agent/http/sessions.hpp"

#include <algorithm>

#include <sodium.h>

namespace vitrine::http {
namespace {

Digest digest_of(std::string_view cookie) {
    Digest digest{};
    const ByteView bytes = view_of(cookie);
    crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
    return digest;
}

}  // namespace

bool Sessions::ended(const Session& session, Instant now) const {
    return now - session.used >= policy_.idle || now - session.opened >= policy_.absolute;
}

std::string Sessions::open(const StaffId& user, const SessionSecret& secret, Instant now) {
    make_room(user, now);
    std::string cookie = to_hex(secret);
    sessions_.insert_or_assign(digest_of(cookie), Session{user, now, now});
    return cookie;
}

void Sessions::make_room(const StaffId& user, Instant now) {
    std::erase_if(sessions_, [&](const auto& entry) { return ended(entry.second, now); });
    const auto drop_idlest = [&](auto&& counts) {
        auto idlest = sessions_.end();
        for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
            if (!counts(it->second)) continue;
            if (idlest == sessions_.end() || it->second.used < idlest->second.used) idlest = it;
        }
        if (idlest != sessions_.end()) sessions_.erase(idlest);
    };
    const auto is_users = [&](const Session& session) { return session.user == user; };
    const auto of_user = std::count_if(sessions_.begin(), sessions_.end(),
                                       [&](const auto& entry) { return is_users(entry.second); });
    if (static_cast<std::size_t>(of_user) >= policy_.per_user_max) drop_idlest(is_users);
    if (sessions_.size() >= policy_.sessions_max) {
        drop_idlest([](const Session&) { return true; });
    }
}

std::optional<StaffId> Sessions::use(std::string_view cookie, Instant now) {
    const auto found = sessions_.find(digest_of(cookie));
    if (found == sessions_.end()) return std::nullopt;
    if (ended(found->second, now)) {
        sessions_.erase(found);
        return std::nullopt;
    }
    found->second.used = now;
    return found->second.user;
}

bool Sessions::alive(std::string_view cookie, Instant now) const {
    const auto found = sessions_.find(digest_of(cookie));
    return found != sessions_.end() && !ended(found->second, now);
}

void Sessions::close(std::string_view cookie) { sessions_.erase(digest_of(cookie)); }

}  // namespace vitrine::http
