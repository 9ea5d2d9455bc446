// What the server knows of a client's WebSocket, whatever is spoken on it.
#pragma once

#include <string_view>

#include "proxy/websocket_frame.h"

namespace moonwire::proxy {

class TunnelSession {
 public:
  virtual ~TunnelSession() = default;
  virtual void start() = 0;
  /// Instead of start(): the WebSocket is open only to be told why not.
  virtual void refuse(websocket::CloseCode code, std::string_view why) = 0;
  /// The server's clock moved on: pings, deadlines.
  virtual void tick() = 0;
  /// Says why and closes; streams end. Safe to call twice.
  virtual void close(websocket::CloseCode code, std::string_view why) = 0;
  /// No new streams; closes when those that carry something have ended.
  virtual void finish_up() = 0;
  /// Without another word.
  virtual void abort() = 0;
};

/// The server as a session sees it.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual void session_over(TunnelSession& session) = 0;
};

}  // namespace moonwire::proxy
