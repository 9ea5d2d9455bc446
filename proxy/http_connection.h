// A client's connection while it speaks HTTP: requests one after the other, until it is upgraded to
// a tunnel and handed over.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "proxy/context.h"
#include "proxy/page_files.h"
#include "proxy/relay.h"
#include "proxy/transport.h"

namespace moonwire::proxy {

/// What the connections of one server share.
struct Site {
  Context& context;
  Gate gate;
  PageFiles files;
  std::map<std::string, RelayTarget> websockify;  ///< by token
  std::string version;
};

/// What an upgrade hands over. The path told which kind of tunnel it is.
struct Upgrade {
  std::unique_ptr<Transport> transport;
  std::string peer;
  std::optional<RelayTarget> relay;  ///< nothing: Wisp
  bool is_wisp_v2 = false;
  std::vector<std::byte> early_bytes;
  std::string refusal;  ///< not empty: accepted only to be closed with 4401 and this
};

class HttpConnection;

/// The server as a connection sees it.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void connection_over(HttpConnection& connection) = 0;
  virtual void open_session(Upgrade upgrade) = 0;
};

class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(Site& site, ConnectionOwner& owner, std::unique_ptr<Transport> transport,
                 std::string peer);
  ~HttpConnection();

  void start();
  /// The server's clock moved on: deadlines.
  void tick();
  void abort();

 private:
  struct Request;

  Task<void> run(std::shared_ptr<HttpConnection> self);
  Task<bool> shake_hands();
  Task<bool> read_more();
  Task<bool> write(std::string head, std::string body);
  Task<bool> wait(IoResult::Kind kind);
  Response answer(const Request& request);
  Response get_moonwire_json() const;
  Response refuse(const Request& request, const Refusal& refusal, std::uint64_t Counters::*counter);
  /// Answers the upgrade: true, and the transport has gone; or a response that says why not.
  struct Decision {
    Response response;
    std::string refusal;
    bool is_accepted = false;
    bool is_wisp_v2 = false;
    std::optional<RelayTarget> relay;
  };
  Decision decide_upgrade(const Request& request);
  /// Where the path leads: sets `relay`, or nothing for Wisp; a refusal if it leads nowhere or the
  /// token is wrong.
  std::optional<Refusal> find_way(const Request& request, Decision& decision) const;

  Site& site_;
  ConnectionOwner& owner_;
  std::unique_ptr<Transport> transport_;
  const std::string peer_;
  std::string unread_;
  Clock::time_point deadline_;
  bool is_over_ = false;
};

}  // namespace moonwire::proxy
