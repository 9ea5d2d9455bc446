// One end of a connection inside the machine. Each end owns the bytes on their way to it; a sender
// copies into the other end's ring, a receiver out of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "net/channel.h"
#include "net/core.h"
#include "net/deadlines.h"
#include "net/faults.h"
#include "net/ring.h"

namespace moonwire::net {

class LoopbackEnd final : public Channel {
 public:
  struct Pair {
    std::unique_ptr<LoopbackEnd> client;
    std::unique_ptr<LoopbackEnd> server;
  };
  /// Joins two sockets. `target` is the server's address: faults are looked up by it.
  static Pair make(const std::shared_ptr<Core>& core, ChannelUser& client, ChannelUser& server,
                   const Address& target);

  LoopbackEnd(std::shared_ptr<Core> core, ChannelUser& user, Address target);
  ~LoopbackEnd() override;

  Transfer send(std::span<const std::byte> bytes) override;
  Transfer receive(std::span<std::byte> into) override;
  Ready ready() const override;
  std::size_t unread() const override { return inbound_.size(); }
  bool has_peer_finished() const override { return has_fin_; }
  void finish() override;
  void stop_receiving() override;
  void close(Ending ending) override;

 private:
  /// What a fault does to the bytes that come to this end.
  struct Weather {
    struct Parcel {
      Micros due = 0;
      std::size_t bytes = 0;
      bool is_fin = false;
    };
    Fault fault;
    std::deque<Parcel> parcels;  // written, but not to be seen before they are due
    std::size_t hidden = 0;      // the sum of their bytes
    std::size_t delivered = 0;
    DeadlineId deadline = no_deadline;
  };

  std::size_t visible() const { return inbound_.size() - (weather_ ? weather_->hidden : 0); }
  void look_at_weather();
  void take_in_slowly(std::size_t bytes, bool is_fin);
  void schedule_parcel();
  void on_parcel_due();
  void take_fin();
  void reset(NetError error);

  std::shared_ptr<Core> core_;
  ChannelUser& user_;
  Address target_;
  LoopbackEnd* peer_ = nullptr;  // null: the other socket was closed
  Ring inbound_;
  std::unique_ptr<Weather> weather_;  // null in fair weather
  std::uint64_t weather_generation_ = 0;
  bool has_fin_ = false;       // nothing follows what is in inbound_
  bool has_finished_ = false;  // we sent FIN
  bool is_reset_ = false;
  bool is_deaf_ = false;  // the socket has shut its receiving
};

}  // namespace moonwire::net
