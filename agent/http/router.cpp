#include "agent/http/router.hpp"

#include <algorithm>

#include "agent/base/check.hpp"
#include "agent/http/connection.hpp"

namespace vitrine::http {
namespace {

/// The parts of a path between its slashes: "/a/b" is {"a", "b"}, "/" is {""}.
std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    path.remove_prefix(1);
    for (;;) {
        const std::size_t end = path.find('/');
        segments.push_back(path.substr(0, end));
        if (end == std::string_view::npos) return segments;
        path.remove_prefix(end + 1);
    }
}

/// One decoded segment that cannot be mistaken for a way up or for two segments.
Result<std::string> decode_segment(std::string_view segment) {
    std::string decoded = TRY(percent_decode(segment));
    if (decoded == "." || decoded == ".." || decoded.find_first_of("/\\") != std::string::npos) {
        return invalid("not an address of ours");
    }
    return decoded;
}

}  // namespace

Reply& Reply::operator=(Reply&& other) noexcept {
    if (this != &other) {
        Reply old(std::exchange(connection_, std::move(other.connection_)));
        other.connection_.reset();
    }
    return *this;
}

Reply::~Reply() {
    if (const auto connection = connection_.lock()) {
        connection->answer(Response::error(500, "internal", "the request was not answered"));
    }
}

void Reply::send(Response response) {
    if (const auto connection = std::exchange(connection_, {}).lock()) {
        connection->answer(std::move(response));
    }
}

void Reply::stream(EventChannel& channel, StreamHooks hooks) {
    if (const auto connection = std::exchange(connection_, {}).lock()) {
        connection->stream(channel, std::move(hooks));
    }
}

std::vector<Router::Segment> Router::parse_pattern(std::string_view pattern) {
    CHECK(pattern.starts_with('/'));
    std::vector<Segment> segments;
    for (const std::string_view part : split(pattern)) {
        if (!part.starts_with('{')) {
            segments.push_back({Segment::Kind::literal, std::string(part)});
        } else if (part.ends_with("*}")) {
            segments.push_back({Segment::Kind::rest, std::string(part.substr(1, part.size() - 3))});
        } else {
            CHECK(part.ends_with('}'));
            segments.push_back({Segment::Kind::one, std::string(part.substr(1, part.size() - 2))});
        }
    }
    return segments;
}

void Router::add(Method method, std::string_view pattern, Handler handler) {
    add_async(method, pattern, [handler = std::move(handler)](const Request& request, Reply reply) {
        reply.send(handler(request));
    });
}

void Router::add_async(Method method, std::string_view pattern, AsyncHandler handler) {
    routes_.push_back({method, parse_pattern(pattern), std::move(handler)});
}

bool Router::fits(const Route& route, const std::vector<std::string_view>& segments) {
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
        const Segment& segment = route.segments[i];
        if (i >= segments.size()) return false;
        if (segment.kind == Segment::Kind::rest) return true;
        if (segment.kind == Segment::Kind::literal && segment.text != segments[i]) return false;
        if (segment.kind == Segment::Kind::one && segments[i].empty()) return false;
    }
    return segments.size() == route.segments.size();
}

Router::Match Router::match(Request& request) const {
    if (!request.path.starts_with('/')) {
        return {nullptr, Response::error(invalid("not an address of ours"))};
    }
    std::vector<std::string> decoded;
    for (const std::string_view segment : split(request.path)) {
        Result<std::string> one = decode_segment(segment);
        if (!one) return {nullptr, Response::error(one.error())};
        decoded.push_back(std::move(one).value());
    }
    const std::vector<std::string_view> segments(decoded.begin(), decoded.end());
    const Method wanted = request.method == Method::head ? Method::get : request.method;
    std::string allowed;
    for (const Route& route : routes_) {
        if (!fits(route, segments)) continue;
        if (route.method != wanted) {
            allowed.append(allowed.empty() ? "" : ", ").append(name_of(route.method));
            continue;
        }
        for (std::size_t i = 0; i < route.segments.size(); ++i) {
            const Segment& segment = route.segments[i];
            if (segment.kind == Segment::Kind::literal) continue;
            std::string value = decoded[i];
            if (segment.kind == Segment::Kind::rest) {
                for (std::size_t j = i + 1; j < decoded.size(); ++j) value += '/' + decoded[j];
            }
            request.params.emplace_back(segment.text, std::move(value));
        }
        return {&route.handler, {}};
    }
    if (allowed.empty()) return {nullptr, Response::error(not_found("no such address"))};
    Response refusal = Response::error(405, "method", "this address answers " + allowed);
    refusal.headers.emplace_back("Allow", allowed);
    return {nullptr, std::move(refusal)};
}

}  // namespace vitrine::http
