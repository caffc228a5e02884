#include "agent/http/post.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl.hpp>

namespace vitrine::http {

namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kBodyBytesMax = 64U << 10;
constexpr std::size_t kUrlMax = 2048;

/// One request over one connection; `Stream` is plain or TLS. The context outlives it.
template <class Stream>
class Exchange {
  public:
    Exchange(Stream stream, const Url& url, const std::string& json)
        : stream_(std::move(stream)), resolver_(stream_.get_executor()), url_(url) {
        request_.method(beast::http::verb::post);
        request_.target(url.path);
        request_.version(11);
        request_.set(beast::http::field::host, url.host + ":" + url.port);
        request_.set(beast::http::field::content_type, "application/json");
        request_.keep_alive(false);
        request_.body() = json;
        request_.prepare_payload();
        parser_.body_limit(kBodyBytesMax);
    }

    void start() {
        lowest().expires_after(kPatience);
        resolver_.async_resolve(url_.host, url_.port,
                                [this](beast::error_code error, const auto& found) {
                                    if (failed(error)) return;
                                    connect(found);
                                });
    }

    Result<Fetched> take() {
        if (done_) return Fetched{parser_.get().result_int(), std::move(parser_.get().body())};
        return unavailable(url_.host + ":" + url_.port + " does not answer: " + failure_.message());
    }

  private:
    auto& lowest() { return beast::get_lowest_layer(stream_); }
    bool failed(beast::error_code error) {
        failure_ = error;
        if (error) resolver_.cancel();
        return static_cast<bool>(error);
    }
    void connect(const tcp::resolver::results_type& found) {
        lowest().async_connect(found, [this](beast::error_code error, const tcp::endpoint&) {
            if (failed(error)) return;
            if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
                write();
            } else {
                stream_.async_handshake(ssl::stream_base::client, [this](beast::error_code shaken) {
                    if (!failed(shaken)) write();
                });
            }
        });
    }
    void write() {
        beast::http::async_write(stream_, request_, [this](beast::error_code error, std::size_t) {
            if (!failed(error)) read();
        });
    }
    void read() {
        beast::http::async_read(stream_, buffer_, parser_,
                                [this](beast::error_code error, std::size_t) {
                                    done_ = !failed(error);
                                    lowest().close();
                                });
    }

    Stream stream_;
    tcp::resolver resolver_;
    const Url& url_;
    beast::http::request<beast::http::string_body> request_;
    beast::http::response_parser<beast::http::string_body> parser_;
    beast::flat_buffer buffer_;
    beast::error_code failure_ = boost::asio::error::timed_out;
    bool done_ = false;
};

Result<Fetched> post_securely(const Url& url, const std::string& json, const std::string& ca_file) {
    boost::asio::io_context context;
    ssl::context tls(ssl::context::tls_client);
    beast::error_code error;
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, error);
    tls.set_verify_mode(ssl::verify_peer, error);
    tls.set_default_verify_paths(error);
    if (!ca_file.empty()) {
        tls.load_verify_file(ca_file, error);
        if (error) return invalid(ca_file + ": no certificates can be read: " + error.message());
    }
    beast::ssl_stream<beast::tcp_stream> stream(context, tls);
    stream.set_verify_callback(ssl::host_name_verification(url.host), error);
    // What SSL_set_tlsext_host_name does, without its C cast.
    std::string host = url.host;
    if (SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 host.data()) != 1) {
        return invalid(url.host + " cannot be named to a TLS server");
    }
    Exchange exchange(std::move(stream), url, json);
    exchange.start();
    context.run_for(kPatience + std::chrono::seconds(1));
    return exchange.take();
}

bool is_host(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-';
    });
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    const auto wrong = [&] { return invalid("expected http://HOST[:PORT]/… or https://…"); };
    if (text.size() > kUrlMax ||
        std::ranges::any_of(text, [](char c) { return c <= ' ' || c > '~' || c == '#'; })) {
        return wrong();
    }
    Url url;
    if (text.starts_with("https://")) {
        url.secure = true;
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else {
        return wrong();
    }
    const std::size_t slash = std::min(text.find('/'), text.size());
    if (slash < text.size()) url.path = text.substr(slash);
    text = text.substr(0, slash);
    const std::size_t colon = std::min(text.find(':'), text.size());
    url.host = text.substr(0, colon);
    url.port =
        colon < text.size() ? text.substr(colon + 1) : std::string_view(url.secure ? "443" : "80");
    if (!is_host(url.host) || !is_port(url.port)) return wrong();
    return url;
}

Result<Fetched> post_json(const Url& url, const std::string& json, const std::string& ca_file) {
    if (url.secure) return post_securely(url, json, ca_file);
    boost::asio::io_context context;
    Exchange exchange(beast::tcp_stream(context), url, json);
    exchange.start();
    context.run_for(kPatience + std::chrono::seconds(1));
    return exchange.take();
}

}  // namespace vitrine::http
