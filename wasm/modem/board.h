// What the modem is soldered to: the rest of the module, as far as the modem has to tell it things
// or to ask it for the time.
#pragma once

#include <cstdint>

namespace moonwire::modem {

/// A moment on the machine's clock, or a span, in microseconds.
using Micros = std::int64_t;

/// Told from inside the modem's own functions: note it and return; do not call the modem back.
class Board {
 public:
  /// The machine's clock: never goes back, tells no date.
  virtual Micros now() const = 0;
  /// The module's clock, seconds since 1970, UTC.
  virtual std::int64_t unix_seconds() const = 0;
  /// AT+CCLK= has set the clock.
  virtual void set_unix_seconds(std::int64_t seconds) = 0;

  /// The receive buffer of uart.ATC went from empty to not empty: MSG_UART_RXDATA, once.
  virtual void on_at_readable() = 0;
  /// The address is gone: every socket of the module is dead. On the Air724U also
  /// MSG_PDP_DEACT_IND.
  virtual void on_bearer_lost() = 0;
  /// MSG_SIM_INSERT_IND where the firmware has it.
  virtual void on_sim_inserted(bool inserted) = 0;
  /// next_deadline(), state() or the trace is another than before.
  virtual void on_changed() = 0;

 protected:
  ~Board() = default;
};

}  // namespace moonwire::modem
