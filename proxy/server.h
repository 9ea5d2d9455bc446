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
  /// Listening and ready to run, or why not. Tests look names up their own way.
  static std::variant<std::unique_ptr<Server>, std::string> make(
      Executor executor, const Options& options, Lookups lookups = system_lookups());
  ~Server() override;

  /// Begins to accept.
  void start();
  enum class Haste {
    finish,   ///< open connections may end by themselves until the deadline (--stop-deadline)
    at_once,  ///< they are cut, and the clients told
  };
  /// No more clients, no more streams. `on_done` when the last session has gone. Asked again, it is
  /// done at once.
  void stop(Haste haste, std::function<void()> on_done);

  std::uint16_t port() const { return listener_.address().port(); }
  /// Where a person would look: "http://127.0.0.1:8080/".
  std::string url() const;
  std::string wisp_path() const { return site_.gate.wisp_path(); }

  Counters& counters() { return context_.counters; }
  std::size_t borrowed_blocks() const { return context_.blocks.borrowed(); }
  std::size_t session_count() const { return sessions_.size(); }
  std::size_t connection_count() const { return connections_.size(); }

 private:
  Server(Executor executor, const Options& options, Lookups lookups, Listener listener,
         TlsContext tls);

  // ConnectionOwner, SessionOwner
  void connection_over(HttpConnection& connection) override;
  void open_session(Upgrade upgrade) override;
  void session_over(TunnelSession& session) override;

  std::shared_ptr<TunnelSession> make_session(Upgrade& upgrade);
  void on_accept(TcpSocket socket, const ip::tcp::endpoint& peer);
  void schedule_tick();
  void tick();
  void cut_sessions();
  void finish_stop_if_done();
  std::shared_ptr<Meter> meter_of(Transport& transport);

  /// One of an address's connections; nothing if it has too many.
  std::shared_ptr<void> take_slot(const ip::address& address);

  TlsContext tls_;  // null: plain
  /// What one client address has and may.
  struct Address {
    std::size_t connections = 0;
    std::shared_ptr<Meter> meter;
  };
  std::map<ip::address, Address> per_address_;  // outlives the guards of their sockets
  Context context_;
  Listener listener_;
  Site site_;
  std::unordered_map<HttpConnection*, std::shared_ptr<HttpConnection>> connections_;
  std::unordered_map<TunnelSession*, std::shared_ptr<TunnelSession>> sessions_;
  Timer clock_;
  bool is_stopping_ = false;
  bool is_cutting_ = false;  // the deadline has passed: sessions are told
  Clock::time_point stop_deadline_;
  std::function<void()> on_stopped_;
};

}  // namespace moonwire::proxy
