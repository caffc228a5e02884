#include "agent/http/client.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace vitrine::http {

namespace beast = boost::beast;
using boost::asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kBodyBytesMax = 1U << 20;

}  // namespace

Result<Fetched> fetch(std::uint16_t port, std::string_view path) {
    boost::asio::io_context context;
    beast::tcp_stream stream(context);
    beast::flat_buffer buffer;
    beast::http::request<beast::http::empty_body> request(
        beast::http::verb::get, beast::string_view(path.data(), path.size()), 11);
    request.set(beast::http::field::host, "127.0.0.1");
    request.keep_alive(false);
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(kBodyBytesMax);
    beast::error_code failure;
    bool done = false;
    const auto read = [&](beast::error_code error, std::size_t) {
        failure = error;
        done = !error;
    };
    const auto written = [&](beast::error_code error, std::size_t) {
        failure = error;
        if (!error) beast::http::async_read(stream, buffer, parser, read);
    };
    stream.expires_after(kPatience);
    stream.async_connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port),
                         [&](beast::error_code error) {
                             failure = error;
                             if (!error) beast::http::async_write(stream, request, written);
                         });
    context.run();
    if (!done) {
        return unavailable("nobody answers on port " + std::to_string(port) + ": " +
                           failure.message());
    }
    return Fetched{parser.get().result_int(), std::move(parser.get().body())};
}

}  // namespace vitrine::http
