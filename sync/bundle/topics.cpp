#include "sync/bundle/topics.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace vitrine::bundle {

namespace {

constexpr std::string_view kRoot = "vitrine/v1/";

template <class... Ts>
struct Overload : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overload(Ts...) -> Overload<Ts...>;  // clang 14 cannot deduce it by itself.

std::string below(TenantId tenant, StoreId store, const std::string& rest) {
    return std::string(kRoot) + tenant.str() + '/' + store.str() + '/' + rest;
}

std::string leaf_text(const Leaf& leaf) {
    return std::visit(
        Overload{
            [](const AgentUp& up) { return "agents/" + up.agent.str() + "/up"; },
            [](const AgentAck& ack) { return "agents/" + ack.agent.str() + "/ack"; },
            [](const AgentStatus& status) { return "agents/" + status.agent.str() + "/status"; },
            [](const DownManifest& down) {
                return "down/" + std::string(name_of(down.kind)) + "/manifest";
            },
            [](const DownLink& down) {
                return "down/" + std::string(name_of(down.kind)) + "/from/" +
                       std::to_string(down.base.value());
            },
            [](const DownChunk& down) {
                return "down/" + std::string(name_of(down.kind)) + '/' +
                       std::to_string(down.epoch.value()) +
                       (down.base ? '-' + std::to_string(down.base->value()) : std::string()) +
                       '/' + std::to_string(down.chunk);
            },
            [](const StoreContext& context) { return "context/" + context.what.str(); },
            [](const Till& till) { return "till/" + till.kiosk.str(); }},
        leaf);
}

std::vector<std::string_view> levels_of(std::string_view topic) {
    std::vector<std::string_view> levels;
    while (levels.size() < 8) {
        const std::size_t slash = topic.find('/');
        levels.push_back(topic.substr(0, slash));
        if (slash == topic.npos) break;
        topic.remove_prefix(slash + 1);
    }
    return levels;
}

template <class Int>
std::optional<Int> number_from(std::string_view digits) {
    Int value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

Result<Leaf> agent_leaf(std::string_view name, std::string_view what) {
    const AgentId agent = TRY(AgentId::parse(name));
    if (what == "up") return Leaf(AgentUp{agent});
    if (what == "ack") return Leaf(AgentAck{agent});
    if (what == "status") return Leaf(AgentStatus{agent});
    return invalid("not up, ack or status");
}

Result<Leaf> down_leaf(Kind kind, std::string_view what, std::string_view number) {
    if (what == "from") {
        const auto base = number_from<std::uint64_t>(number);
        if (!base) return invalid("a base is a number");
        return Leaf(DownLink{kind, Epoch(*base)});
    }
    const std::size_t dash = what.find('-');
    const auto epoch = number_from<std::uint64_t>(what.substr(0, dash));
    const auto chunk = number_from<std::uint32_t>(number);
    if (!epoch || !chunk) return invalid("an epoch and a chunk are numbers");
    DownChunk down{.kind = kind, .epoch = Epoch(*epoch), .chunk = *chunk};
    if (dash == what.npos) return Leaf(down);
    const auto base = number_from<std::uint64_t>(what.substr(dash + 1));
    if (!base) return invalid("a base is a number");
    down.base = Epoch(*base);
    return Leaf(down);
}

Result<Leaf> read_leaf(const std::vector<std::string_view>& levels) {
    const std::string_view branch = levels[4];
    if (branch == "agents" && levels.size() == 7) return agent_leaf(levels[5], levels[6]);
    if (branch == "down" && levels.size() == 7 && levels[6] == "manifest") {
        return Leaf(DownManifest{TRY(kind_from(levels[5]))});
    }
    if (branch == "down" && levels.size() == 8) {
        return down_leaf(TRY(kind_from(levels[5])), levels[6], levels[7]);
    }
    if (branch == "context" && levels.size() == 6) {
        return Leaf(StoreContext{TRY(ContextName::parse(levels[5]))});
    }
    if (branch == "till" && levels.size() == 6) return Leaf(Till{TRY(KioskId::parse(levels[5]))});
    return invalid("no such topic");
}

Result<Topic> read_topic(std::string_view text) {
    const std::vector<std::string_view> levels = levels_of(text);
    if (!text.starts_with(kRoot) || levels.size() < 6) return invalid("no such topic");
    Topic topic;
    topic.tenant = TRY(TenantId::parse(levels[2]));
    topic.store = TRY(StoreId::parse(levels[3]));
    topic.leaf = TRY(read_leaf(levels));
    // Leading zeros, a level too many: anything that is not the one way to write it.
    if (format_topic(topic) != text) return invalid("not written the one way");
    return topic;
}

}  // namespace

std::string format_topic(const Topic& topic) {
    return below(topic.tenant, topic.store, leaf_text(topic.leaf));
}

Result<Topic> parse_topic(std::string_view topic) {
    return read_topic(topic).within("topic '" + std::string(topic.substr(0, 128)) + "'");
}

std::string ack_filter(TenantId tenant, StoreId store, AgentId agent) {
    return format_topic({tenant, store, AgentAck{agent}});
}
std::string manifests_filter(TenantId tenant, StoreId store) {
    return below(tenant, store, "down/+/manifest");
}
std::string context_filter(TenantId tenant, StoreId store) {
    return below(tenant, store, "context/+");
}
std::string till_filter(TenantId tenant, StoreId store) { return below(tenant, store, "till/+"); }

std::string central_up_filter(TenantId tenant) {
    return "$share/central/" + std::string(kRoot) + tenant.str() + "/+/agents/+/up";
}
std::string central_status_filter(TenantId tenant) {
    return std::string(kRoot) + tenant.str() + "/+/agents/+/status";
}

}  // namespace vitrine::bundle
