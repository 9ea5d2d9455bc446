// A TCP connection of a tab: dialled for CONNECT, or taken over from a listener. Half-close in each
// direction, credit both ways, and what was sent before CLOSE still goes out.
#pragma once

#include <optional>
#include <string>

#include "proxy/stream.h"
#include "proxy/upload_queue.h"
#include "wisp/credit.h"
#include "wisp/limits.h"

namespace moonwire::proxy {

class TcpStream final : public Stream {
 public:
  TcpStream(StreamHost& host, std::uint32_t id);
  ~TcpStream() override;

  /// Resolves, asks the rules, tries each address in turn. Ends with OPENED or FAILURE and CLOSE.
  void dial(std::string asked_host, std::uint16_t port, Trust trust = Trust::by_rules);
  /// A connection that is open already.
  void adopt(TcpSocket socket);

  void receive(wisp::Bytes payload) override;
  void finish() override;
  void grant(std::uint32_t amount) override;
  void take_turn() override;
  void set_option(const wisp::Option& option) override;
  bool carries_something() const override { return true; }
  void close(Ending ending) override;

 private:
  Task<void> run_dial(std::shared_ptr<TcpStream> self, std::string asked_host, std::uint16_t port,
                      Trust trust);
  Task<error_code> connect(ip::tcp::endpoint to);
  std::optional<error_code> prepare();
  void open(bool was_dialled);

  void wait_readable();
  void wait_writable();
  void on_peer_finished();
  void on_broken(const error_code& error);
  void enqueue(wisp::Bytes payload);
  void flush();
  void passed_on(std::size_t packets);
  void shut_when_drained();
  void end_if_finished();
  void linger();
  void drop_socket(Ending ending);
  void forget_queue();

  TcpSocket socket_;
  UploadQueue queue_;
  wisp::PacketBuffer buffer_{wisp::stream_buffer_packets};
  wisp::ByteCredit credit_;
  bool is_dialling_ : 1 = false;
  bool is_open_ : 1 = false;
  bool waits_readable_ : 1 = false;
  bool waits_writable_ : 1 = false;
  bool is_starved_ : 1 = false;       // something may be there to read, but no credit
  bool client_finished_ : 1 = false;  // FINISH came
  bool is_shut_ : 1 = false;          // ... and the socket's sending side is shut
  bool peer_finished_ : 1 = false;    // the peer's FIN came
  bool is_broken_ : 1 = false;        // sending failed; what the peer sent before may still be read
  bool is_lingering_ : 1 = false;     // closed by the client, the queue still goes out
  std::uint32_t attempt_ = 0;         // counts up at the start and end of each connect
  std::uint32_t late_attempt_ = 0;    // the one that ran out of time
  std::unique_ptr<Timer> deadline_;   // while dialling or lingering
};

}  // namespace moonwire::proxy
