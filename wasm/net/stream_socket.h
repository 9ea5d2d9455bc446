// A stream socket: POSIX's stages and errors as Linux has them. The bytes themselves go through a
// Channel.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <variant>

#include "net/channel.h"
#include "net/core.h"
#include "net/options.h"
#include "net/ports.h"
#include "net/socket.h"
#include "net/tunnel_door.h"

namespace moonwire::net {

class StreamSocket final : public Socket,
                           public ChannelUser,
                           public TunnelDoorUser,
                           public std::enable_shared_from_this<StreamSocket> {
 public:
  StreamSocket(std::shared_ptr<Core> core, Family family);
  ~StreamSocket();

  Family family() const override { return family_; }
  SocketType type() const override { return SocketType::stream; }
  NetError bind(const Address& address) override;
  NetError listen(int backlog) override;
  std::shared_ptr<Socket> accept(NetError& error) override;
  NetError connect(const Address& peer) override;
  Transfer send(std::span<const std::byte> bytes) override;
  Transfer receive(std::span<std::byte> into) override;
  Transfer send_to(std::span<const std::byte> bytes, const Address& to) override;
  Transfer receive_from(std::span<std::byte> into, Address& from) override;
  std::optional<std::size_t> pending_datagram() const override { return std::nullopt; }
  std::size_t unread() const override { return channel_ != nullptr ? channel_->unread() : 0; }
  NetError shutdown(Direction direction) override;
  void close() override;
  NetError local_address(Address& address) const override;
  NetError peer_address(Address& address) const override;
  NetError take_error() override;
  NetError set_option(Option option, int value) override;
  NetError get_option(Option option, int& value) const override;
  NetError set_linger(Linger linger) override;
  Linger linger() const override { return linger_; }
  NetError set_membership(const Address&, const Address&, bool) override {
    return NetError::option_not_supported;
  }
  Ready ready() const override;

  void on_channel_ready() override { notify(); }
  void on_channel_reset(NetError error) override;
  void on_channel_open(const Address& local, const Address& peer) override;
  void on_channel_failed(NetError error) override;

  /// Fills in what a door shows. @return false when this socket is none.
  bool describe_door(Door& door) const;
  /// Takes a listener back from the proxy when this is its address there. @return whether it was.
  bool shut_door(const std::string& published);

 private:
  struct Fresh {};
  /// A connect that is not decided. At most one of the ways is in use.
  struct Connecting {
    Address to;
    StreamSocket* listener = nullptr;  // whose queue is full; place is ours in its line
    std::list<StreamSocket*>::iterator place;
    DeadlineId deadline = no_deadline;
    std::unique_ptr<Channel> channel;  // the tunnel's, being opened
  };
  struct Listening {
    std::size_t backlog = 0;
    std::deque<std::shared_ptr<StreamSocket>> established;  // oldest first, not yet accepted
    std::list<StreamSocket*> waiting;                       // connects for which there is no room
    std::unique_ptr<TunnelDoor> door;                       // a wildcard's, at the proxy
  };
  struct Connected {
    std::unique_ptr<Channel> channel;
  };
  struct Failed {
    std::unique_ptr<Channel> spent;  // may still be telling us so
  };
  struct Closed {};
  using Stage = std::variant<Fresh, Connecting, Listening, Connected, Failed, Closed>;

  template <typename T>
  bool is() const {
    return std::holds_alternative<T>(stage_);
  }

  void on_incoming(std::unique_ptr<TunnelStream> stream, const Address& local,
                   const Address& peer) override;
  std::shared_ptr<StreamSocket> make_accepted(const Address& local, const Address& peer) const;
  NetError start_connect(const Address& peer);
  NetError bind_for_connect(const Address& to);
  void arrive(const Address& to);  // a loopback connect reaches its destination
  void wait_for_answer(Connecting& connecting);
  StreamSocket* find_listener(const Address& to) const;
  void establish(StreamSocket& listener, const Address& to);
  void become_connected(std::unique_ptr<Channel> channel);
  void fail(NetError error);
  void leave_connecting();
  bool has_room() const;
  void admit_waiting();
  void close_listening(Listening& listening);
  void release_name();
  /// Whether neither side can send any more: the name of a TCP peer is forgotten then.
  bool is_over() const;
  void record(WireKind kind, std::span<const std::byte> bytes = {}) const;

  std::shared_ptr<Core> core_;
  Channel* channel_ = nullptr;  // Connected's, for the way that must be short
  NetError pending_error_ = NetError::none;
  bool is_dead_ = false;  // reset: what is left can be read, nothing follows
  bool send_is_shut_ = false;
  bool receive_is_shut_ = false;
  bool is_announced_ = false;  // connect has told that it succeeded
  bool is_bound_by_user_ = false;
  bool is_from_outside_ = false;  // came through the listener's door at the proxy
  Family family_;
  std::uint32_t owner_;
  OptionSet options_;
  Linger linger_;
  Claim claim_;
  Address local_;
  Address peer_;
  Stage stage_;
};

}  // namespace moonwire::net
