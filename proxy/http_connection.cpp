// Beast parses the requests; the gate looks at each before anything else does.
#include "proxy/http_connection.h"

#include <spdlog/spdlog.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <nlohmann/json.hpp>

#include "proxy/tunnel_path.h"
#include "proxy/websocket_frame.h"

namespace moonwire::proxy {
namespace {

namespace http = boost::beast::http;

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find_first_of("?#"));
}

/// Tokens do not belong in a log.
std::string path_for_log(std::string_view target) {
  for (const std::string_view secret : {"/wisp", "/websockify"}) {
    if (target.starts_with(secret)) return std::string{secret} + "/...";
  }
  return std::string{target.substr(0, 200)};
}

bool is_from_elsewhere(std::string_view fetch_site) {
  return fetch_site == "cross-site" || fetch_site == "same-site";
}

}  // namespace

struct HttpConnection::Request {
  std::string method;
  std::string target;
  std::string host;
  std::optional<std::string> origin;
  std::string accept_encoding;
  std::string if_none_match;
  std::string fetch_site;
  std::string websocket_key;
  std::optional<std::string> subprotocols;
  bool is_upgrade = false;
  bool is_version_13 = false;
  bool has_body = false;
  bool keeps_alive = false;
};

HttpConnection::HttpConnection(Site& site, ConnectionOwner& owner,
                               std::unique_ptr<Transport> transport, std::string peer)
    : site_{site}, owner_{owner}, transport_{std::move(transport)}, peer_{std::move(peer)} {
  deadline_ = site_.context.now + site_.context.policy.limits.request_time +
              site_.context.policy.limits.tick;
}

HttpConnection::~HttpConnection() = default;

void HttpConnection::start() {
  asio::co_spawn(site_.context.executor, run(shared_from_this()), asio::detached);
}

void HttpConnection::tick() {
  if (site_.context.now >= deadline_) abort();
}

void HttpConnection::abort() {
  error_code ignored;
  if (transport_) transport_->socket().close(ignored);  // the coroutine's wait ends
}

Task<bool> HttpConnection::wait(IoResult::Kind kind) {
  error_code error;
  const auto what =
      kind == IoResult::Kind::wants_read ? TcpSocket::wait_read : TcpSocket::wait_write;
  co_await transport_->socket().async_wait(what, asio::redirect_error(use_task, error));
  co_return !error;
}

Task<bool> HttpConnection::shake_hands() {
  for (;;) {
    const IoResult shaken = transport_->handshake();
    if (shaken.kind == IoResult::Kind::done) co_return true;
    if (shaken.kind == IoResult::Kind::ended || shaken.kind == IoResult::Kind::broken)
      co_return false;
    if (!co_await wait(shaken.kind)) co_return false;
  }
}

Task<bool> HttpConnection::read_more() {
  for (;;) {
    std::array<std::byte, 4096> chunk;
    const IoResult got = transport_->read(chunk);
    if (got.kind == IoResult::Kind::done) {
      unread_.append(reinterpret_cast<const char*>(chunk.data()), got.bytes);
      co_return true;
    }
    if (got.kind == IoResult::Kind::ended || got.kind == IoResult::Kind::broken) co_return false;
    if (!co_await wait(got.kind)) co_return false;
  }
}

Task<bool> HttpConnection::write(std::string head, std::string body) {
  std::array pieces{iovec{head.data(), head.size()}, iovec{body.data(), body.size()}};
  std::span<iovec> rest = pieces;
  while (!rest.empty()) {
    if (rest.front().iov_len == 0) {
      rest = rest.subspan(1);
      continue;
    }
    const IoResult put = transport_->write(rest);
    if (put.kind == IoResult::Kind::ended || put.kind == IoResult::Kind::broken) co_return false;
    if (put.kind != IoResult::Kind::done) {
      if (!co_await wait(put.kind)) co_return false;
      continue;
    }
    std::size_t taken = put.bytes;
    for (iovec& piece : rest) {
      const std::size_t part = std::min(taken, piece.iov_len);
      piece.iov_base = static_cast<char*>(piece.iov_base) + part;
      piece.iov_len -= part;
      taken -= part;
    }
  }
  co_return true;
}

Task<void> HttpConnection::run([[maybe_unused]] std::shared_ptr<HttpConnection> self) {
  const Limits& limits = site_.context.policy.limits;
  for (bool goes_on = co_await shake_hands(); goes_on;) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.request_header_bytes));
    parser.skip(true);  // a body is never read: such a connection is closed after its answer
    error_code error;
    bool is_broken = false;
    while (!parser.is_header_done()) {
      if (!unread_.empty()) {
        const std::size_t used = parser.put(asio::buffer(unread_), error);
        unread_.erase(0, used);
        if (parser.is_header_done()) break;
        if (error && error != http::error::need_more) break;
        error = {};
        if (unread_.size() > limits.request_header_bytes) {
          error = http::error::header_limit;
          break;
        }
      }
      if (!co_await read_more()) {
        is_broken = true;
        break;
      }
    }
    if (is_broken) break;
    ++site_.context.counters.requests_total;
    deadline_ = site_.context.now + limits.response_time;
    if (error && error != http::error::need_more) {
      const bool is_long = error == http::error::header_limit;
      const Response response =
          text_response(is_long ? 431 : 400, "not a request this proxy reads: " + error.message());
      co_await write(head_of(response, false), response.body);
      break;
    }
    const auto& message = parser.get();
    const auto field = [&message](http::field name) { return std::string{message[name]}; };
    Request request;
    request.method = std::string{message.method_string()};
    request.target = std::string{message.target()};
    request.host = message.count(http::field::host) == 1 ? field(http::field::host) : "";
    if (message.count(http::field::origin) > 0) request.origin = field(http::field::origin);
    request.accept_encoding = field(http::field::accept_encoding);
    request.if_none_match = field(http::field::if_none_match);
    request.fetch_site = std::string{message["Sec-Fetch-Site"]};
    request.websocket_key = field(http::field::sec_websocket_key);
    request.is_version_13 = field(http::field::sec_websocket_version) == "13";
    if (message.count(http::field::sec_websocket_protocol) > 0) {
      request.subprotocols = field(http::field::sec_websocket_protocol);
    }
    request.is_upgrade = http::token_list{message[http::field::connection]}.exists("upgrade") &&
                         http::token_list{message[http::field::upgrade]}.exists("websocket");
    request.has_body = message.count(http::field::content_length) > 0 || message.chunked();
    request.keeps_alive = message.keep_alive() && !request.has_body;

    if (request.is_upgrade) {
      Decision decision = decide_upgrade(request);
      const bool is_written =
          co_await write(head_of(decision.response, false), decision.response.body);
      if (!is_written || !decision.is_accepted || is_over_) break;
      Upgrade upgrade;
      upgrade.transport = std::move(transport_);
      upgrade.peer = peer_;
      upgrade.relay = std::move(decision.relay);
      upgrade.is_wisp_v2 = decision.is_wisp_v2;
      upgrade.refusal = std::move(decision.refusal);
      const auto early = std::as_bytes(std::span{unread_});
      upgrade.early_bytes.assign(early.begin(), early.end());
      owner_.open_session(std::move(upgrade));
      break;
    }
    Response response = answer(request);
    const std::string head = head_of(response, request.keeps_alive);
    if (request.method == "HEAD") response.body.clear();
    goes_on = co_await write(head, std::move(response.body)) && request.keeps_alive;
    deadline_ =
        site_.context.now + (unread_.empty() ? limits.keep_alive_time : limits.request_time);
  }
  is_over_ = true;
  if (transport_) transport_->shut();
  owner_.connection_over(*this);
}

Response HttpConnection::refuse(const Request& request, const Refusal& refusal,
                                std::uint64_t Counters::*counter) {
  ++(site_.context.counters.*counter);
  spdlog::warn("refused peer={} status={} path={} why=\"{}\"", peer_, refusal.status,
               path_for_log(request.target), refusal.why);
  return text_response(refusal.status, refusal.why);
}

Response HttpConnection::answer(const Request& request) {
  if (const auto refusal = site_.gate.check_host(request.host)) {
    return refuse(request, *refusal, &Counters::refusals_host);
  }
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = text_response(405, request.method + " is not done here, only GET and HEAD");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  const std::string_view path = path_of(request.target);
  if (path == "/healthz") return text_response(200, "ok");
  if (path == "/metrics") {
    Counters counters = site_.context.counters;
    counters.blocks_borrowed = site_.context.blocks.borrowed();
    Response response = text_response(200, to_prometheus(counters));
    response.headers[0].second = "text/plain; version=0.0.4; charset=utf-8";
    response.body
        .pop_back();  // text_response ends its text with a line's end; this one has its own
    return response;
  }
  if (path == "/moonwire.json") {
    if (is_from_elsewhere(request.fetch_site)) {
      return refuse(request,
                    {403, "the token is for this proxy's own page (Sec-Fetch-Site: " +
                              request.fetch_site + ")"},
                    &Counters::refusals_origin);
    }
    if (const auto refusal = site_.gate.check_origin(request.origin, request.host)) {
      return refuse(request, *refusal, &Counters::refusals_origin);
    }
    return get_moonwire_json();
  }
  const bool is_tunnel = path.starts_with("/wisp") || path.starts_with("/websockify");
  if (const auto way = parse_tunnel_path(request.target); way && is_tunnel) {
    if (way->kind != TunnelPath::Kind::websockify) {
      if (const auto refusal = site_.gate.check_token(way->token)) {
        return refuse(request, *refusal, &Counters::refusals_token);
      }
    }
    Response response = text_response(426, "the tunnel is a WebSocket");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  return site_.files.get({request.target, request.accept_encoding, request.if_none_match});
}

Response HttpConnection::get_moonwire_json() const {
  const Policy& policy = site_.context.policy;
  const nlohmann::json json{
      {"version", site_.version},
      {"wisp", site_.gate.wisp_path()},
      {"rules", {{"publish", !policy.publish.empty()}, {"dial", policy.rules.summary()}}}};
  return {200,
          {{"Content-Type", "application/json; charset=utf-8"},
           {"Cache-Control", "no-store"},
           {"Cross-Origin-Resource-Policy", "same-origin"}},
          json.dump() + "\n"};
}

HttpConnection::Decision HttpConnection::decide_upgrade(const Request& request) {
  Decision decision;
  if (const auto refusal = site_.gate.check_host(request.host)) {
    decision.response = refuse(request, *refusal, &Counters::refusals_host);
    return decision;
  }
  if (const auto refusal = site_.gate.check_origin(request.origin, request.host)) {
    decision.response = refuse(request, *refusal, &Counters::refusals_origin);
    return decision;
  }
  if (const auto refusal = find_way(request, decision)) {
    decision.response = refuse(request, *refusal, &Counters::refusals_token);
    if (!request.origin || refusal->status == 404) return decision;
    decision.refusal = refusal->why;  // a browser sees no status, but it sees a close code
  }
  if (request.method != "GET" || !request.is_version_13 || request.websocket_key.size() != 24) {
    decision.response = text_response(400, "not a WebSocket handshake of version 13");
    decision.response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return decision;
  }
  decision.is_accepted = true;
  decision.is_wisp_v2 = request.subprotocols.has_value();
  decision.response = {101,
                       {{"Upgrade", "websocket"},
                        {"Connection", "Upgrade"},
                        {"Sec-WebSocket-Accept", websocket::accept_key(request.websocket_key)}},
                       {}};
  if (request.subprotocols) {
    http::token_list offered{*request.subprotocols};
    const std::string wanted = decision.relay ? "binary" : "wisp-v2";
    std::string chosen;
    if (offered.exists(wanted)) {
      chosen = wanted;
    } else if (offered.begin() != offered.end()) {
      chosen = std::string{*offered.begin()};
    }
    if (!chosen.empty()) decision.response.headers.emplace_back("Sec-WebSocket-Protocol", chosen);
  }
  return decision;
}

std::optional<Refusal> HttpConnection::find_way(const Request& request, Decision& decision) const {
  const auto way = parse_tunnel_path(request.target);
  if (!way) return Refusal{404, "no WebSocket at this path; the tunnel is at /wisp/TOKEN/"};
  switch (way->kind) {
    case TunnelPath::Kind::wisp: return site_.gate.check_token(way->token);
    case TunnelPath::Kind::wsproxy:
      decision.relay = RelayTarget{way->host, way->port, Trust::by_rules};
      return site_.gate.check_token(way->token);
    case TunnelPath::Kind::websockify: break;
  }
  for (const auto& [name, target] : site_.websockify) {
    if (equal_in_constant_time(name, way->token)) decision.relay = target;
  }
  if (decision.relay) return std::nullopt;
  if (way->token.empty()) return Refusal{401, "the token is missing: /websockify/?token=NAME"};
  return Refusal{403, "no target has this token (--websockify NAME=HOST:PORT)"};
}

}  // namespace moonwire::proxy
