// The way to the proxy: one WebSocket that carries Wisp, version 1 or 2 with our extension
// "sockets" (proxy/PROTOCOL.md), or for websockify one WebSocket for each connection. It connects,
// comes back after a loss, and hands packets to the parties whose stream they are for.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/channel.h"
#include "net/network.h"
#include "net/network_resolver.h"
#include "net/stand_ins.h"
#include "net/uplink.h"
#include "wisp/packet.h"

namespace moonwire::net {

/// Who holds one stream id of the tunnel. Calls never destroy the party.
class TunnelParty {
 public:
  /// The tunnel stands: the party may send its first packet. Called once, maybe from within join.
  virtual void on_tunnel_open() = 0;
  /// The tunnel is gone, or did not come about; the id is free already.
  virtual void on_tunnel_lost() = 0;
  virtual void on_packet(const wisp::Body& body) = 0;
  /// The uplink takes bytes again.
  virtual void on_tunnel_room() {}

 protected:
  ~TunnelParty() = default;
};

/// A party that wants its stream anew each time the tunnel comes up: a published door.
class TunnelResident {
 public:
  virtual void on_tunnel_up() = 0;

 protected:
  ~TunnelResident() = default;
};

/// Who holds one pipe of its own (websockify).
class PipeParty {
 public:
  virtual void on_pipe_open() = 0;
  virtual void on_pipe_message(std::span<const std::byte> message) = 0;
  virtual void on_pipe_room() = 0;
  virtual void on_pipe_closed(std::uint16_t code) = 0;

 protected:
  ~PipeParty() = default;
};

class Tunnel final : public UplinkEvents {
 public:
  /// What both ends agreed on when the tunnel opened.
  struct Agreement {
    int version = 0;
    std::uint32_t stream_packets = 0;  // what each stream may send before CONTINUE
    bool has_udp = false;
    bool confirms_open = false;
    bool has_sockets = false;
    bool can_publish_tcp = false;
    bool can_publish_udp = false;
  };

  Tunnel(Core& core, Uplink& uplink);
  ~Tunnel();
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  void set_url(std::string url);
  TunnelStatus status() const;
  std::size_t party_count() const { return parties_.size() + pipes_.size(); }

  /// Begins a connection to the outside. @return null and why it is known to be impossible.
  std::unique_ptr<Channel> dial(ChannelUser& user, const Address& to, NetError& error);
  /// The name to put into CONNECT for an address: the stand-in's name, or the literal.
  std::string host_for(const Address& address);
  void look_up(std::shared_ptr<SettableLookup> lookup, std::string name, Family family);
  void look_up_name_of(std::shared_ptr<SettableLookup> lookup, const Address& address);

  // For parties.

  /// Whether it makes sense to join: the tunnel is open, or an attempt is under way or is begun now
  /// that is worth waiting for.
  bool is_reachable();
  bool is_open() const { return phase_ == TunnelPhase::open && !is_websockify_; }
  /// Whether a datagram sent now has a way out, as far as is known.
  bool can_carry_datagrams();
  const Agreement& agreement() const { return agreement_; }
  std::uint32_t join(TunnelParty& party);
  void join_as(std::uint32_t id, TunnelParty& party);  // the other end chose the id
  void leave(std::uint32_t id);
  bool is_free(std::uint32_t id) const { return !parties_.contains(id); }
  void send(std::uint32_t id, const wisp::Body& body);
  /// CLOSE, with time for what was sent before it where the server would lose that.
  void send_last(std::uint32_t id, wisp::CloseReason reason);
  bool has_room();
  void settle(TunnelResident& resident);
  void unsettle(TunnelResident& resident);

  // For parties with a pipe of their own.

  PipeId open_pipe(PipeParty& party, std::string_view url);
  void send_on_pipe(PipeId pipe, std::span<const std::byte> message);
  bool pipe_has_room(PipeId pipe);
  void close_pipe(PipeId pipe);

  void on_pipe_open(PipeId pipe, std::string_view protocol) override;
  void on_pipe_message(PipeId pipe, std::span<const std::byte> message) override;
  void on_pipe_drained(PipeId pipe) override;
  void on_pipe_closed(PipeId pipe, std::uint16_t code, std::string_view reason) override;

 private:
  enum class Retry : std::uint8_t { later, never };
  struct Question {
    std::weak_ptr<SettableLookup> lookup;
    std::string text;
    Family family = Family::unspecified;
    bool is_reverse = false;
    DeadlineId deadline = no_deadline;
  };

  void start_attempt();
  void open_uplink_pipe();
  void on_attempt_too_slow();
  void handle_handshake(const wisp::Packet& packet);
  void answer_info(const wisp::Info& info);
  void become_open(std::uint32_t stream_packets);
  void drop_pipe();
  void lose(std::string why, Retry retry);
  void fail_parties();
  void wait_and_retry();
  void set_phase(TunnelPhase phase, std::string why = "");
  void be_patient_until(Micros when);
  void cancel(DeadlineId& id);
  void ask_next();
  void ask(Question question);
  void on_resolved(std::uint32_t id, const wisp::Resolved& answer);
  void answer_by_stand_in(SettableLookup& lookup, const std::string& name, Family family);
  void fail_questions();

  Core& core_;
  Uplink& uplink_;
  std::string url_;     // as it was set
  std::string target_;  // without credentials
  std::string user_;
  std::string password_;
  bool is_websockify_ = false;
  TunnelPhase phase_ = TunnelPhase::off;
  std::string why_;
  Micros retry_at_ = 0;
  Micros lost_at_ = 0;
  unsigned failures_ = 0;  // attempts since the tunnel was last open
  bool asks_for_version_2_ = true;
  bool has_spoken_version_2_ = false;  // at this address: a refusal is not about the version
  bool pipe_is_open_ = false;
  bool has_info_ = false;
  bool is_backed_up_ = false;
  PipeId pipe_ = 0;  // 0: none
  PipeId last_pipe_ = 0;
  std::uint32_t last_id_ = 0;
  Agreement agreement_;
  DeadlineId attempt_deadline_ = no_deadline;
  DeadlineId retry_deadline_ = no_deadline;
  DeadlineId patience_deadline_ = no_deadline;
  std::map<std::uint32_t, TunnelParty*> parties_;
  std::map<std::uint32_t, DeadlineId> lingering_;  // ids whose CLOSE waits
  std::vector<TunnelResident*> residents_;
  std::map<PipeId, PipeParty*> pipes_;
  std::deque<Question> questions_;           // not asked yet
  std::map<std::uint32_t, Question> asked_;  // by stream id
  std::vector<std::byte> packet_;
  StandIns stand_ins_;
};

}  // namespace moonwire::net
