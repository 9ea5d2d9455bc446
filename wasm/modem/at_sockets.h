// The AT socket engine of the 2G profile: ids 0 to 7 of AT+CIPSTART and 0 to 7 of AT+SSLCREATE, one
// send at a time, and data towards the script only as fast as it reads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modem/at_channel.h"
#include "modem/board.h"
#include "modem/carrier.h"
#include "modem/limits.h"
#include "modem/state.h"

namespace moonwire::modem {

class AtSockets final {
 public:
  static constexpr SocketId ids = 2 * at_sockets;
  static SocketId ssl_id(std::uint32_t number) {
    return static_cast<SocketId>(at_sockets + number);
  }
  static bool is_ssl(SocketId id) { return id >= at_sockets; }

  AtSockets(const Settings& settings, Board& board, Carrier& carrier, AtChannel& channel)
      : settings_(settings), board_(board), carrier_(carrier), channel_(channel) {}

  struct Peer {
    Protocol protocol = Protocol::tcp;
    std::string host;
    std::uint16_t port = 0;
    bool verify = false;
  };
  bool is_free(SocketId id) const { return slots_[id].stage == Stage::none; }
  bool is_connected(SocketId id) const { return slots_[id].stage == Stage::connected; }
  bool is_created(SocketId id) const { return slots_[id].stage == Stage::created; }
  bool any() const;
  /// AT+SSLCREATE: names the peer, opens nothing yet. Only while is_free().
  void create(SocketId id, Peer peer);
  /// AT+CIPSTART, AT+SSLCONNECT: a notice tells the outcome. Only while is_created().
  void connect(SocketId id);
  /// Gives up the id, whatever it was; says nothing.
  void close(SocketId id);
  void close_all();

  /// Bytes of one AT+CIPSEND. The command's last line comes from take_send_result(), later.
  void begin_send(SocketId id, std::string bytes);
  /// In quick mode: true when there is room, and the bytes are on their way.
  bool send_quickly(SocketId id, std::string_view bytes);
  /// The last line of the send at work, once.
  std::optional<std::string> take_send_result();
  bool is_sending() const { return send_.has_value(); }
  /// The bearer went: every socket dies without a word. Returns the id whose send died with it.
  std::optional<SocketId> on_bearer_lost();

  /// Bytes pass only while this is true; without it they wait where they are.
  void set_service(bool has_service);
  /// Does what is due. Data goes towards the script while no command is at work and it reads.
  void advance();
  Micros next_deadline() const;
  std::vector<SocketState> state() const;

  void on_opened(SocketId id);
  void on_open_failed(SocketId id);
  void on_readable(SocketId id);
  void on_writable(SocketId id);
  void on_closed(SocketId id);

 private:
  enum class Stage : std::uint8_t { none, created, connecting, connected, closed };
  struct Slot {
    Stage stage = Stage::none;
    Peer peer;
    Micros speak_at = 0;                // connecting: not before this moment
    bool is_dialled = false;            // connecting: the carrier was asked, or waits for service
    std::optional<bool> opened;         // connecting: what the carrier said
    std::optional<Micros> readable_at;  // connected: bytes may be fetched from this moment on
    bool peer_closed = false;
    std::string outgoing;  // accepted, not taken by the carrier yet
    Micros send_at = 0;    // outgoing leaves from this moment on
    bool is_blocked = false;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
  };
  struct Send {
    SocketId id = 0;
    Micros done_at = 0;   // no sooner than a network's round trip
    Micros patience = 0;  // then: SEND FAIL
    std::optional<std::string> result;
  };

  /// "7, CLOSED" or "SSL&7, CLOSED"; `gap` stands behind the id.
  static std::string said(SocketId id, std::string_view gap, std::string_view words);
  Micros half_way() const { return settings_.timings.network / 2; }
  void settle(SocketId id, Slot& slot);
  void dial(SocketId id, Slot& slot);
  void finish_connecting(SocketId id, Slot& slot);
  void push_out(SocketId id, Slot& slot);
  void fetch(SocketId id, Slot& slot);
  void settle_send();
  void end_send(std::string_view words);

  const Settings& settings_;
  Board& board_;
  Carrier& carrier_;
  AtChannel& channel_;
  std::array<Slot, ids> slots_;
  std::optional<Send> send_;
  bool has_service_ = false;
};

}  // namespace moonwire::modem
