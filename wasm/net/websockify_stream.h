// A TCP connection through websockify: one WebSocket, whose binary messages are the bytes.
#pragma once

#include <memory>
#include <string>

#include "net/channel.h"
#include "net/core.h"
#include "net/ring.h"
#include "net/tunnel.h"

namespace moonwire::net {

class WebsockifyStream final : public Channel, private PipeParty {
 public:
  /// `target` is websockify://HOST[:PORT][/PATH][?QUERY]; {host} and {port} in it stand for where
  /// the script dials. Without a query it is ?token=HOST:PORT.
  static std::unique_ptr<WebsockifyStream> dial(const std::shared_ptr<Core>& core,
                                                ChannelUser& user, const Address& to,
                                                const std::string& target);
  ~WebsockifyStream() override;

  Transfer send(std::span<const std::byte> bytes) override;
  Transfer receive(std::span<std::byte> into) override;
  Ready ready() const override;
  std::size_t unread() const override { return inbound_.size(); }
  void finish() override { has_finished_ = true; }  // a WebSocket has no half-close
  void close(Ending ending) override;

 private:
  enum class Stage : std::uint8_t { opening, open, ended, dead };

  WebsockifyStream(std::shared_ptr<Core> core, ChannelUser& user, const Address& peer);
  void on_pipe_open() override;
  void on_pipe_message(std::span<const std::byte> message) override;
  void on_pipe_room() override;
  void on_pipe_closed(std::uint16_t code) override;
  Tunnel& tunnel() const { return *core_->tunnel; }

  std::shared_ptr<Core> core_;
  ChannelUser& user_;
  Address peer_;
  PipeId pipe_ = 0;
  Stage stage_ = Stage::opening;
  Ring inbound_;
  bool has_finished_ = false;
};

/// The WebSocket address for one destination.
std::string websockify_url(std::string target, const std::string& host, std::uint16_t port);

}  // namespace moonwire::net
