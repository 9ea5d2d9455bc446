// A connection: packets in and out over one stream socket, with the deadlines and the endings of
// both generations.
#pragma once

#include <cstdint>
#include <memory>

#include "bindings/chuck/byte_queue.h"
#include "bindings/chuck/decoder.h"
#include "bindings/chuck/engine.h"
#include "bindings/chuck/packet.h"
#include "net/socket.h"

namespace moonwire::bindings::chuck {

/// Packets that wait to be sent, as one run of bytes with a mark for each packet.
struct Outbox {
  struct Mark {
    std::size_t left;  // bytes
    kernel::Micros since;
    std::uint32_t callback;  // in the table of callbacks; 0: none
  };
  explicit Outbox(lua_State* state) : bytes(state), marks(state) {}
  bool is_empty() const { return marks.is_empty(); }

  ByteQueue bytes;
  ValueQueue<Mark> marks;
};

class Connection final : public Handle {
 public:
  static constexpr Kind kind = Kind::connection;
  static constexpr const char* class_name = "connection";
  // User values beyond a handle's.
  static constexpr int sent_value = 3;   // callbacks of packets under way, by number
  static constexpr int close_value = 4;  // the later generations' close callback
  static constexpr int user_values = 4;

  struct Source {
    std::shared_ptr<net::Socket> socket;
    int descriptor;
    std::size_t receive_bytes;
    Decoder decoder;
  };
  Connection(lua_State* state, Style style, Source source);

  int push_event(lua_State* state, int self) override;
  int push_farewell(lua_State* state, int self) override;
  void on_alarm() override;

  static const luaL_Reg methods[];

 private:
  enum class Stage : std::uint8_t { open, lingering, closed };

  // Each pushes an event, or says no_event.
  int push_message(lua_State* state, int self);
  int push_report(lua_State* state, int self, int number, const char* words);
  int push_sent(lua_State* state, int self);
  int push_after_linger(lua_State* state, int self);
  static int push_close_callback(lua_State* state, int self);

  static int send(lua_State* state, Outbox Connection::*box);
  std::uint32_t keep_callback(lua_State* state, int index);
  int put_in(lua_State* state, Outbox& box, std::span<const char> bytes, std::uint32_t callback);
  void flush();
  void note_sent(Outbox& box, std::size_t count);
  net::Transfer receive(lua_State* state);
  void give_back_inbox();
  void listen();
  void set_alarm();
  bool is_reading() const { return stage_ == Stage::open && !has_ended_ && !is_paused_; }
  bool has_outgoing() const { return !outbox_.is_empty() || !urgent_.is_empty(); }
  void close(lua_State* state, int self);
  void drop();

  static int attach(lua_State* state);
  static int remove(lua_State* state);
  static int send_packet(lua_State* state);
  static int send_urgent(lua_State* state);
  static int close_now(lua_State* state);
  static int set_receive_timeout(lua_State* state);
  static int set_send_timeout(lua_State* state);
  static int pause_read(lua_State* state);
  static int resume_read(lua_State* state);
  static int shut_down_write(lua_State* state);
  static int set_no_delay(lua_State* state);
  static int local_address(lua_State* state);
  static int peer_address(lua_State* state);
  static int set_close_callback(lua_State* state);
  static int set_decoder(lua_State* state);
  static int set_callback(lua_State* state);
  static int http_state(lua_State* state);
  static int expect_no_body(lua_State* state);
  static int descriptor_of(lua_State* state);
  static int collect(lua_State* state);
  static int closed(lua_State* state, int status, lua_KContext);

  kernel::Process& process_;
  Style style_;
  Stage stage_ = Stage::open;
  std::shared_ptr<net::Socket> socket_;
  int descriptor_;
  std::size_t receive_bytes_;
  std::unique_ptr<Framer> framer_;
  ByteQueue inbox_;
  Outbox outbox_;
  Outbox urgent_;
  ValueQueue<std::uint32_t> sent_;  // callbacks of packets that have gone
  std::uint32_t last_callback_ = 0;
  bool has_ended_ = false;  // nothing more is read: the peer has closed, or broke the rules
  bool is_paused_ = false;
  bool is_in_packet_ = false;    // the front of outbox_ has begun to leave
  bool wants_shutdown_ = false;  // FIN once all is sent
  bool has_news_ = false;        // the framer has not seen all of inbox_ yet
  bool is_at_end_ = false;       // the peer's FIN has come
  int write_error_ = 0;          // to be told
  bool has_receive_timeout_ = false;
  bool has_send_timeout_ = false;
  kernel::Micros receive_span_ = 0;  // 0: none
  kernel::Micros send_span_ = 0;
  kernel::Micros received_at_ = 0;
  kernel::Micros send_reported_at_ = 0;
  net::Ready interest_ = net::Ready::nothing;
};

/// Adds `connection(fd, receive_bytes [, decoder])` and `stream_socket`, the later one, to the
/// table on top.
void add_connections(lua_State* state);

}  // namespace moonwire::bindings::chuck
