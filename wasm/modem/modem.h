// The virtual modem: a SIM, a network that can be there or not, a bearer, and the AT channel
// uart.ATC over which the module's firmware talks about them. It reads no clock and opens no
// socket: Board and Carrier do.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "modem/board.h"
#include "modem/carrier.h"
#include "modem/state.h"

namespace moonwire::modem {

/// Never throws for what a script, a peer or the panel does. After each call the owner sees to it
/// that advance() is called at next_deadline(); Board::on_changed tells when that has moved.
class Modem final : public CarrierEvents {
 public:
  /// Both have to outlive the modem. The SIM is ready, the network is there, power is off.
  Modem(Settings settings, Board& board, Carrier& carrier);
  ~Modem();
  Modem(const Modem&) = delete;
  Modem& operator=(const Modem&) = delete;

  /// The firmware's first rtos.receive, or rtos.poweron(1). On already: nothing.
  void power_on();
  /// Module off, or about to start afresh: drops sockets, registration, what was queued on uart.ATC
  /// and the settings that AT commands made. SIM, network, signal and latency stay as they are.
  void power_off();

  /// uart.write(uart.ATC, ...): how many bytes were taken, all but when at_input_bytes wait
  /// already.
  std::size_t write(std::string_view bytes);
  /// uart.read(uart.ATC, n): up to `most` bytes; empty when there are none.
  std::string read(std::size_t most);
  /// uart.read(uart.ATC, "*l"): up to and with the next \n, or all there is without one.
  std::string read_line();
  std::size_t readable() const;

  /// Does what is due at the board's now().
  void advance();
  /// When advance() has to be called next; INT64_MAX: never, unless something happens.
  Micros next_deadline() const;

  // The panel.
  void set_sim(Sim sim);  // ready, pin or absent; the same again: nothing
  /// A PIN, or once the PUK is asked for, the PUK (the PIN stays what it was). False: wrong, or
  /// nothing is asked for.
  bool enter_pin(std::string_view pin);
  void set_signal(std::uint8_t csq);  // 0 to 31, or 99: unknown; others are cut to 31
  void set_network(bool available);
  void drop_bearer();
  void set_latency(Micros answer, Micros network);
  void set_battery(std::uint32_t millivolts);

  State state() const;
  /// True while there is a bearer: sockets may be opened, and live.
  bool has_address() const;
  /// True while bytes get through: an address, and registered. Without it sockets live and wait.
  bool has_service() const;
  Profile profile() const;
  const Timings& timings() const;
  Trace take_trace();

  void on_opened(SocketId id) override;
  void on_open_failed(SocketId id, OpenFailure why) override;
  void on_readable(SocketId id) override;
  void on_writable(SocketId id) override;
  void on_closed(SocketId id) override;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace moonwire::modem
