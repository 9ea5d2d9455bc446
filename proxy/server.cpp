// Joins the parts and keeps the lists.
#include "proxy/server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace moonwire::proxy {
namespace {

Policy policy_of(const Options& options, bool is_loopback) {
  Policy policy;
  policy.limits = options.limits;
  policy.rules =
      AccessRules{is_loopback ? AccessRules::Default::open_internet : AccessRules::Default::nothing,
                  options.allow, options.deny};
  if (options.publish) {
    policy.publish = *options.publish;
  } else if (is_loopback) {
    policy.publish = {{ip::address_v4::loopback(), {1024, 65535}}};
  }
  for (const std::string& user : options.users) {
    const std::size_t colon = user.find(':');
    policy.users.push_back({user.substr(0, colon), user.substr(colon + 1)});
  }
  policy.motd = options.motd;
  return policy;
}

Gate gate_of(const Options& options, const ip::tcp::endpoint& address) {
  const std::string port = std::to_string(address.port());
  GateSettings settings;
  settings.port = port;
  settings.origins = options.origins;
  settings.is_tls = !options.certificate.empty();
  settings.any_literal = address.address().is_unspecified();
  if (address.address().is_loopback() || address.address().is_unspecified()) {
    settings.hosts = {"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port};
  } else {
    const std::string text = address.address().to_string();
    settings.hosts = {(address.address().is_v6() ? "[" + text + "]" : text) + ":" + port};
  }
  if (literal(options.listen_host) == std::nullopt && options.listen_host != "*") {
    settings.hosts.push_back(options.listen_host + ":" + port);
  }
  settings.hosts.insert(settings.hosts.end(), options.hosts.begin(), options.hosts.end());
  if (options.needs_token)
    settings.tokens = options.tokens.empty() ? std::vector{random_token()} : options.tokens;
  return Gate{std::move(settings)};
}

}  // namespace

std::variant<std::unique_ptr<Server>, std::string> Server::make(Executor executor,
                                                                const Options& options,
                                                                Lookups lookups) {
  std::error_code error;
  if (!options.page.empty() && !std::filesystem::is_directory(options.page, error)) {
    return "--page " + options.page + " is not a folder";
  }
  TlsContext tls{nullptr, &SSL_CTX_free};
  if (!options.certificate.empty()) {
    auto loaded = load_tls(options.certificate, options.key);
    if (auto* why = std::get_if<std::string>(&loaded)) return std::move(*why);
    tls = std::move(std::get<TlsContext>(loaded));
  }
  auto listener = Listener::open(executor, options.listen_host, options.listen_port);
  if (auto* why = std::get_if<std::string>(&listener)) return std::move(*why);
  return std::unique_ptr<Server>{new Server{executor, options, std::move(lookups),
                                            std::move(std::get<Listener>(listener)),
                                            std::move(tls)}};
}

Server::Server(Executor executor, const Options& options, Lookups lookups, Listener listener,
               TlsContext tls)
    : tls_{std::move(tls)},
      context_{executor, policy_of(options, listener.address().address().is_loopback()),
               std::move(lookups)},
      listener_{std::move(listener)},
      site_{context_, gate_of(options, listener_.address()),
            PageFiles{options.page, options.limits.page_file_bytes}, options.websockify, version},
      clock_{executor} {}

Server::~Server() = default;

std::string Server::url() const {
  const ip::address address = listener_.address().address();
  std::string host = address.to_string();
  if (address.is_unspecified()) host = "127.0.0.1";
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port()) + "/";
}

void Server::start() {
  asio::co_spawn(context_.executor,
                 listener_.run(context_.policy.limits,
                               [this](TcpSocket socket, const ip::tcp::endpoint& peer) {
                                 on_accept(std::move(socket), peer);
                               }),
                 asio::detached);
  schedule_tick();
}

std::shared_ptr<void> Server::take_slot(const ip::address& address) {
  const Limits& limits = context_.policy.limits;
  Address& use = per_address_[address];
  if (use.connections >= limits.connections_per_address) return nullptr;
  ++use.connections;
  if (!use.meter) {
    use.meter = std::make_shared<Meter>(limits.bytes_per_second_per_address,
                                        limits.datagrams_per_second_per_address);
  }
  return {this, [address](Server* server) {
            const auto found = server->per_address_.find(address);
            if (--found->second.connections == 0) server->per_address_.erase(found);
          }};
}

void Server::on_accept(TcpSocket socket, const ip::tcp::endpoint& peer) {
  Counters& counters = context_.counters;
  ++counters.connections_total;
  const bool has_room = connections_.size() + sessions_.size() < context_.policy.limits.connections;
  auto slot = has_room && !is_stopping_ ? take_slot(without_mapping(peer.address())) : nullptr;
  if (!slot) {
    ++counters.connections_refused;
    return;  // closes it
  }
  auto transport = tls_ ? make_tls_transport(std::move(socket), *tls_, std::move(slot))
                        : make_plain_transport(std::move(socket), std::move(slot));
  if (!transport) return;
  ConnectionOwner& owner = *this;
  auto connection = std::make_shared<HttpConnection>(
      site_, owner, std::move(transport),
      peer.address().to_string() + ":" + std::to_string(peer.port()));
  connections_.emplace(connection.get(), connection);
  counters.connections_open = connections_.size() + sessions_.size();
  connection->start();
}

void Server::connection_over(HttpConnection& connection) {
  connections_.erase(&connection);
  context_.counters.connections_open = connections_.size() + sessions_.size();
  finish_stop_if_done();
}

void Server::open_session(Upgrade upgrade) {
  const auto session = make_session(upgrade);
  sessions_.emplace(session.get(), session);
  if (!upgrade.refusal.empty()) {
    session->refuse(websocket::CloseCode::token, upgrade.refusal);
  } else if (is_stopping_) {
    session->refuse(websocket::CloseCode::going_away, "the proxy is stopping");
  } else if (sessions_.size() > context_.policy.limits.sessions) {
    session->refuse(websocket::CloseCode::limit, "too many tunnels are open");
  } else {
    session->start();
  }
}

std::shared_ptr<Meter> Server::meter_of(Transport& transport) {
  error_code error;
  const auto peer = transport.socket().remote_endpoint(error);
  const auto found = per_address_.find(without_mapping(peer.address()));
  if (!error && found != per_address_.end()) return found->second.meter;
  return std::make_shared<Meter>(0, 0);  // it has gone already
}

std::shared_ptr<TunnelSession> Server::make_session(Upgrade& upgrade) {
  SessionOwner& owner = *this;
  if (upgrade.relay) {
    Relay::Start start;
    start.address = meter_of(*upgrade.transport);
    start.transport = std::move(upgrade.transport);
    start.target = std::move(*upgrade.relay);
    start.peer = std::move(upgrade.peer);
    start.early_bytes = std::move(upgrade.early_bytes);
    return std::make_shared<Relay>(context_, owner, std::move(start));
  }
  Session::Start start;
  start.address = meter_of(*upgrade.transport);
  start.transport = std::move(upgrade.transport);
  start.version = upgrade.is_wisp_v2 ? WispVersion::v2 : WispVersion::v1;
  start.peer = std::move(upgrade.peer);
  start.early_bytes = std::move(upgrade.early_bytes);
  return std::make_shared<Session>(context_, owner, std::move(start));
}

void Server::session_over(TunnelSession& session) {
  sessions_.erase(&session);
  context_.counters.connections_open = connections_.size() + sessions_.size();
  finish_stop_if_done();
}

void Server::schedule_tick() {
  clock_.expires_after(context_.policy.limits.tick);
  clock_.async_wait([this](error_code error) {
    if (!error) tick();
  });
}

void Server::tick() {
  context_.now = Clock::now();
  // Copies: a tick may end its object, which leaves the list.
  std::vector<std::shared_ptr<HttpConnection>> connections;
  for (const auto& [key, connection] : connections_) connections.push_back(connection);
  for (const auto& connection : connections) connection->tick();
  std::vector<std::shared_ptr<TunnelSession>> sessions;
  for (const auto& [key, session] : sessions_) sessions.push_back(session);
  if (is_stopping_ && !is_cutting_ && context_.now >= stop_deadline_) cut_sessions();
  const bool is_late =
      is_cutting_ && context_.now >= stop_deadline_ + context_.policy.limits.closing_time;
  for (const auto& session : sessions) {
    if (is_late) {
      session->abort();
    } else {
      session->tick();
    }
  }
  if (is_late) {
    for (const auto& connection : connections) connection->abort();
  }
  schedule_tick();
  finish_stop_if_done();
}

void Server::stop(Haste haste, std::function<void()> on_done) {
  if (is_stopping_) {  // asked twice: at once
    on_done();
    return;
  }
  is_stopping_ = true;
  on_stopped_ = std::move(on_done);
  stop_deadline_ = Clock::now();
  listener_.close();
  if (haste == Haste::at_once) {
    cut_sessions();
  } else {
    stop_deadline_ += context_.policy.limits.stop_time;
    const auto sessions = sessions_;
    for (const auto& [key, session] : sessions) session->finish_up();
  }
  const auto connections = connections_;
  for (const auto& [key, connection] : connections) connection->abort();
  finish_stop_if_done();
}

void Server::cut_sessions() {
  is_cutting_ = true;
  const auto sessions = sessions_;
  for (const auto& [key, session] : sessions) {
    session->close(websocket::CloseCode::going_away, "the proxy is stopping");
  }
}

void Server::finish_stop_if_done() {
  if (!is_stopping_ || !sessions_.empty() || !connections_.empty() || !on_stopped_) return;
  // What closed streams still have to say goes out, too, as long as there is time.
  if (context_.counters.lingering_bytes > 0 && Clock::now() < stop_deadline_) return;
  clock_.cancel();
  std::exchange(on_stopped_, nullptr)();
}

}  // namespace moonwire::proxy
