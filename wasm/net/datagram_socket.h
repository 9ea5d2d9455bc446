// A datagram socket: boundaries kept, what does not fit is cut, what finds no room is dropped.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "net/core.h"
#include "net/options.h"
#include "net/ports.h"
#include "net/socket.h"
#include "net/tunnel_door.h"
#include "net/tunnel_flow.h"

namespace moonwire::net {

class DatagramSocket final : public Socket,
                             public TunnelDoorUser,
                             public TunnelFlowUser,
                             public std::enable_shared_from_this<DatagramSocket> {
 public:
  DatagramSocket(std::shared_ptr<Core> core, Family family);
  ~DatagramSocket();

  Family family() const override { return family_; }
  SocketType type() const override { return SocketType::datagram; }
  NetError bind(const Address& address) override;
  NetError listen(int) override { return NetError::not_supported; }
  std::shared_ptr<Socket> accept(NetError& error) override;
  NetError connect(const Address& peer) override;
  Transfer send(std::span<const std::byte> bytes) override;
  Transfer receive(std::span<std::byte> into) override;
  Transfer send_to(std::span<const std::byte> bytes, const Address& to) override;
  Transfer receive_from(std::span<std::byte> into, Address& from) override;
  std::optional<std::size_t> pending_datagram() const override;
  NetError shutdown(Direction direction) override;
  void close() override;
  NetError local_address(Address& address) const override;
  NetError peer_address(Address& address) const override;
  NetError take_error() override;
  NetError set_option(Option option, int value) override;
  NetError get_option(Option option, int& value) const override;
  NetError set_linger(Linger linger) override;
  Linger linger() const override { return linger_; }
  NetError set_membership(const Address& group, const Address& interface, bool member) override;
  Ready ready() const override;

  bool describe_door(Door& door) const;
  bool shut_door(const std::string& published);

 private:
  struct Datagram {
    Address from;
    std::vector<std::byte> bytes;
  };

  /// Brings a datagram to whoever holds `to`. @return false when nobody does.
  static bool deliver(Core& core, const Address& from, const Address& to,
                      std::span<const std::byte> bytes);
  static bool deliver_to_many(Core& core, const Address& from, const Address& to,
                              std::span<const std::byte> bytes);
  void forget_queue();
  bool may_hear(const DatagramSocket& sender) const;  // of a unix socket's sender
  bool accepts_from(const Address& from) const;
  bool enqueue(const Address& from, std::span<const std::byte> bytes);
  NetError bind_ephemeral(const Address& host);
  Transfer send_inside(std::span<const std::byte> bytes, const Address& to);
  Transfer send_outside(std::span<const std::byte> bytes, const Address& to);
  TunnelFlow* flow_to(const Address& to);
  void on_outside_datagram(const Address& from, std::span<const std::byte> bytes) override;
  void on_flow_datagram(const Address& from, std::span<const std::byte> bytes) override;
  void on_flow_error(const Address& peer, NetError error) override;
  bool is_lost(const Fault* fault) const;
  // Of unix sockets.
  Transfer send_to_path(std::span<const std::byte> bytes, const Address& to);
  Transfer send_to_peer(std::span<const std::byte> bytes);
  Transfer send_to_socket(std::span<const std::byte> bytes, DatagramSocket& receiver,
                          const Address& to);
  NetError why_not_on_paths(std::span<const std::byte> bytes);
  void leave_peer();
  bool is_member(const Address& group) const;
  void release_name();

  std::shared_ptr<Core> core_;
  Family family_;
  std::uint32_t owner_;
  OptionSet options_;
  Linger linger_;
  Claim claim_;
  Address local_;
  Address peer_;                               // Family::unspecified: not connected
  std::weak_ptr<DatagramSocket> peer_socket_;  // of a unix socket: who was bound there at connect
  std::deque<Datagram> queue_;
  std::size_t queued_bytes_ = 0;
  std::vector<Address> groups_;                     // port 0
  std::unique_ptr<TunnelDoor> door_;                // a bound wildcard's, at the proxy
  std::vector<std::unique_ptr<TunnelFlow>> flows_;  // to addresses outside, the oldest first
  NetError pending_error_ = NetError::none;
  bool has_chosen_address_ = false;
  bool has_chosen_port_ = false;
  bool is_open_ = true;
  bool send_is_shut_ = false;
  bool receive_is_shut_ = false;
};

}  // namespace moonwire::net
