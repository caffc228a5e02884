#include <utility>

#include "agent/http/connection.hpp"

#include <charconv>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace vitrine::http {
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

namespace bhttp = beast::http;

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kBufferBytesMax = 32 * 1024;
constexpr std::size_t kDiscardBytesMax = 256 * 1024;
constexpr std::chrono::seconds kDiscardTimeout{2};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view text_of(beast::string_view text) { return {text.data(), text.size()}; }

std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lowered;
}

std::optional<Method> method_of(bhttp::verb verb) {
    switch (verb) {
        case bhttp::verb::get:
            return Method::get;
        case bhttp::verb::head:
            return Method::head;
        case bhttp::verb::post:
            return Method::post;
        case bhttp::verb::put:
            return Method::put;
        case bhttp::verb::patch:
            return Method::patch;
        case bhttp::verb::delete_:
            return Method::del;
        default:
            return std::nullopt;
    }
}

/// What a request that could not be read is told; nothing where nobody listens any more.
std::optional<Response> answer_to(boost::system::error_code error) {
    if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
        return Response::error(431, "too_large", "the header is too large");
    }
    if (error == bhttp::error::body_limit) {
        return Response::error(413, "too_large", "the body is too large");
    }
    if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message) return {};
    if (error.category() == bhttp::make_error_code(bhttp::error::end_of_stream).category()) {
        return Response::error(400, "invalid", "not HTTP: " + error.message());
    }
    return {};
}

}  // namespace

Connection::Connection(Server::State& server, asio::ip::tcp::socket socket, std::string peer,
                       bool from_loopback)
    : server_(&server),
      stream_(std::move(socket)),
      peer_(std::move(peer)),
      from_loopback_(from_loopback),
      buffer_(kBufferBytesMax) {}

Connection::~Connection() = default;

void Connection::read_first_byte() {
    if (server_->stopping) return close();
    phase_ = Phase::idle;
    parser_.reset();
    response_ = std::monostate{};
    if (buffer_.size() > 0) return read_header();  // Pipelined.
    stream_.expires_after(server_->options.limits.idle_timeout);
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this()](BoostError error, std::size_t size) {
                                if (self->phase_ == Phase::closed) return;
                                if (error) return self->close();
                                self->buffer_.commit(size);
                                self->read_header();
                            });
}

void Connection::read_header() {
    phase_ = Phase::reading;
    const Limits& limits = server_->options.limits;
    parser_.emplace();
    parser_->header_limit(limits.header_bytes_max);
    parser_->body_limit(limits.body_bytes_max);
    stream_.expires_after(limits.request_timeout);
    bhttp::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](BoostError error, std::size_t) { self->on_header(error); });
}

void Connection::on_header(BoostError error) {
    if (phase_ == Phase::closed) return;
    if (error) return refuse_unread(error);
    const auto expected = parser_->get().find(bhttp::field::expect);
    if (expected == parser_->get().end() || buffer_.size() > 0) return read_body();
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = shared_from_this()](BoostError failed, std::size_t) {
                          if (self->phase_ == Phase::closed) return;
                          if (failed) return self->close();
                          self->read_body();
                      });
}

void Connection::read_body() {
    bhttp::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](BoostError error, std::size_t) { self->on_request(error); });
}

void Connection::refuse_unread(BoostError error) {
    std::optional<Response> refusal = answer_to(error);
    if (!refusal) return close();
    phase_ = Phase::awaiting;
    keep_alive_ = false;
    answer(std::move(*refusal));
}

void Connection::on_request(BoostError error) {
    if (phase_ == Phase::closed) return;
    if (error) return refuse_unread(error);
    phase_ = Phase::awaiting;
    keep_alive_ = parser_->get().keep_alive() && !server_->stopping;
    head_only_ = parser_->get().method() == bhttp::verb::head;
    if (!method_of(parser_->get().method())) {
        return answer(Response::error(501, "method", "not a method that is known here"));
    }
    Result<Request> request = take_request();
    if (!request) {
        keep_alive_ = false;
        return answer(Response::error(request.error()));
    }
    Router::Match match = server_->router.match(*request);
    if (match.handler == nullptr) return answer(std::move(match.refusal));
    last_event_id_ = std::string(request->header("last-event-id").value_or(""));
    const auto self = shared_from_this();
    (*match.handler)(*request, Reply(weak_from_this()));
    if (phase_ != Phase::awaiting) return;
    reply_deadline_ = server_->loop.after(server_->options.limits.reply_timeout, [this] {
        keep_alive_ = false;  // A late answer must not meet the next request.
        answer(Response::error(503, "unavailable", "no answer in time"));
    });
}

Result<Request> Connection::take_request() {
    auto& message = parser_->get();
    Request request;
    request.method = method_of(message.method()).value();
    request.peer = peer_;
    request.from_loopback = from_loopback_;
    for (const auto& field : message) {
        request.headers.emplace_back(lower(text_of(field.name_string())), text_of(field.value()));
    }
    if (message.version() >= 11 && !request.header("host")) return invalid("no Host header");
    if (request.header("transfer-encoding") && request.header("content-length")) {
        return invalid("both Transfer-Encoding and Content-Length");
    }
    const std::string_view target = text_of(message.target());
    const std::size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (!request.path.starts_with('/')) return invalid("the address must begin with '/'");
    if (question != std::string_view::npos) {
        request.query = TRY(parse_query(target.substr(question + 1)));
    }
    request.cookies = parse_cookies(request.header("cookie").value_or(""));
    request.body = std::move(message.body());
    return request;
}

template <class Body>
void Connection::prepare(BeastResponse<Body>& response, const Response& answer) const {
    response.version(11);
    response.result(answer.status);
    response.keep_alive(keep_alive_);
    for (const auto& [name, value] : server_->fixed_headers) response.set(name, value);
    response.set(bhttp::field::cache_control, "no-store");
    if (!answer.content_type.empty()) {
        response.set(bhttp::field::content_type, answer.content_type);
    }
    for (const auto& [name, value] : answer.headers) {
        // Cookies stand in one header each; of any other header the last one counts.
        if (name == "Set-Cookie") {
            response.insert(name, value);
        } else {
            response.set(name, value);
        }
    }
}

void Connection::answer(Response answer) {
    if (phase_ != Phase::awaiting) return;
    reply_deadline_.cancel();
    phase_ = Phase::writing;
    server_->count(answer.status);
    if (server_->stopping) keep_alive_ = false;
    if (!answer.file.empty()) return write_file(answer);
    if (head_only_ || answer.status == 204 || answer.status == 304) {
        BeastResponse<bhttp::empty_body> response;
        prepare(response, answer);
        if (answer.status != 204 && answer.status != 304) {
            response.content_length(answer.body.size());
        }
        return write(std::move(response));
    }
    BeastResponse<bhttp::string_body> response;
    prepare(response, answer);
    response.body() = std::move(answer.body);
    response.content_length(response.body().size());
    write(std::move(response));
}

void Connection::write_file(const Response& answer) {
    BeastResponse<bhttp::file_body> response;
    BoostError error;
    response.body().open(answer.file.c_str(), beast::file_mode::scan, error);
    if (error) {
        phase_ = Phase::awaiting;
        return this->answer(Response::error(not_found("no such file")));
    }
    const std::uint64_t size = response.body().size();
    if (head_only_) {
        BeastResponse<bhttp::empty_body> head;
        prepare(head, answer);
        head.content_length(size);
        return write(std::move(head));
    }
    prepare(response, answer);
    response.content_length(size);
    write(std::move(response));
}

template <class Body>
void Connection::write(BeastResponse<Body> response) {
    auto& kept = response_.emplace<BeastResponse<Body>>(std::move(response));
    stream_.expires_after(server_->options.limits.write_timeout);
    bhttp::async_write(stream_, kept, [self = shared_from_this()](BoostError error, std::size_t) {
        self->on_written(error);
    });
}

void Connection::on_written(BoostError error) {
    if (phase_ == Phase::closed) return;
    if (error) return close();
    if (keep_alive_) return read_first_byte();
    // Closing with bytes unread would reset the connection and lose the answer on its way.
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    stream_.expires_after(kDiscardTimeout);
    discard_rest(kDiscardBytesMax);
}

void Connection::discard_rest(std::size_t budget) {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this(), budget](
                                                             BoostError error, std::size_t size) {
        if (self->phase_ == Phase::closed) return;
        if (error || size >= budget) return self->close();
        self->discard_rest(budget - size);
    });
}

void Connection::wind_down() {
    keep_alive_ = false;
    if (phase_ == Phase::idle || phase_ == Phase::streaming) close();
}

void Connection::close() {
    if (phase_ == Phase::closed) return;
    const auto self = shared_from_this();
    phase_ = Phase::closed;
    reply_deadline_.cancel();
    if (channel_ != nullptr) std::exchange(channel_, nullptr)->leave(*this);
    hooks_ = {};
    stream_.close();
    std::exchange(server_, nullptr)->forget(*this);
}

}  // namespace vitrine::http
