// The whole proxy as one object: listener, connections, sessions, clock. Tests make several of
// them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>

#include "proxy/http_connection.h"
#include "proxy/listener.h"
#include "proxy/options.h"
#include "proxy/session.h"
#include "proxy/tls.h"

namespace moonwire::proxy {

/// Before it is destroyed, its io_context must have run dry (stop(), then poll()): handlers on
/// their way still look at it.
class Server final : private ConnectionOwner, private SessionOwner {
 public:
  /// Listening and ready to run, or why not.
  static std::variant<std::unique_ptr<Server>, std::string> make(Executor executor,
                                                                 const Options& options);
  ~Server() override;

  /// Begins to accept.
  void start();
  /// No more clients; sessions are told and closed. `on_done` when the last has gone or time is up.
  void stop(std::function<void()> on_done);

  std::uint16_t port() const { return listener_.address().port(); }
  /// Where a person would look: "http://127.0.0.1:8080/".
  std::string url() const;
  std::string wisp_path() const { return site_.gate.wisp_path(); }

  Counters& counters() { return context_.counters; }
  std::size_t borrowed_blocks() const { return context_.blocks.borrowed(); }
  std::size_t session_count() const { return sessions_.size(); }
  std::size_t connection_count() const { return connections_.size(); }

 private:
  Server(Executor executor, const Options& options, Listener listener, TlsContext tls);

  // ConnectionOwner, SessionOwner
  void connection_over(HttpConnection& connection) override;
  void open_session(Upgrade upgrade) override;
  void session_over(TunnelSession& session) override;

  std::shared_ptr<TunnelSession> make_session(Upgrade& upgrade);
  void on_accept(TcpSocket socket, const ip::tcp::endpoint& peer);
  void schedule_tick();
  void tick();
  void finish_stop_if_done();

  /// One of an address's connections; nothing if it has too many.
  std::shared_ptr<void> take_slot(const ip::address& address);

  TlsContext tls_;  // null: plain
  std::map<ip::address, std::size_t>
      per_address_;  // open sockets of each client address; outlives their guards
  Context context_;
  Listener listener_;
  Site site_;
  std::unordered_map<HttpConnection*, std::shared_ptr<HttpConnection>> connections_;
  std::unordered_map<TunnelSession*, std::shared_ptr<TunnelSession>> sessions_;
  Timer clock_;
  bool is_stopping_ = false;
  Clock::time_point stop_deadline_;
  std::function<void()> on_stopped_;
};

}  // namespace moonwire::proxy
