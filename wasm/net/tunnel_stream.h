// A TCP connection through the tunnel: one Wisp stream.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/channel.h"
#include "net/core.h"
#include "net/ring.h"
#include "net/tunnel.h"
#include "wisp/credit.h"

namespace moonwire::net {

class TunnelStream final : public Channel, private TunnelParty {
 public:
  /// Dials; CONNECT goes out when the tunnel stands.
  static std::unique_ptr<TunnelStream> dial(const std::shared_ptr<Core>& core, ChannelUser& user,
                                            const Address& to);
  /// A connection that came to a published door. Give it its user before anything else.
  static std::unique_ptr<TunnelStream> accepted(const std::shared_ptr<Core>& core,
                                                const wisp::Accepted& accepted);
  ~TunnelStream() override;

  void set_user(ChannelUser& user) { user_ = &user; }

  Transfer send(std::span<const std::byte> bytes) override;
  Transfer receive(std::span<std::byte> into) override;
  Ready ready() const override;
  std::size_t unread() const override { return inbound_.size(); }
  bool has_peer_finished() const override { return has_fin_; }
  void finish() override;
  void close(Ending ending) override;
  void set_option(Option option, int value) override;

 private:
  enum class Stage : std::uint8_t {
    opening,
    open,
    ended,  // the server closed it in order: nothing more moves either way
    dead,   // failed, reset or closed by us
  };

  TunnelStream(std::shared_ptr<Core> core, ChannelUser* user, const Address& peer);
  void on_tunnel_open() override;
  void on_tunnel_lost() override;
  void on_packet(const wisp::Body& body) override;
  void on_tunnel_room() override;
  void on_data(wisp::Bytes payload);
  void on_close(wisp::CloseReason reason);
  void become_open(const Address& local, const Address& peer);
  void die(NetError error);
  void leave();
  Tunnel& tunnel() const { return *core_->tunnel; }

  std::shared_ptr<Core> core_;
  ChannelUser* user_;
  Address local_;
  Address peer_;
  std::uint32_t id_ = 0;  // 0: no longer, or not yet, a party of the tunnel
  Stage stage_ = Stage::opening;
  wisp::PacketCredit credit_{0};
  wisp::ByteWindow window_;
  Ring inbound_;
  wisp::Failure failure_ = wisp::Failure::none;  // what the server told before CLOSE
  DeadlineId grace_ = no_deadline;               // plain Wisp: no CLOSE until then is success
  bool has_fin_ = false;
  bool has_finished_ = false;
  bool has_sent_ = false;
};

}  // namespace moonwire::net
