// The module on the bench: power, pins, UARTs, watchdogs, the firmware's timers, sockets and
// messages, and the modem that is soldered to it. Knows neither Lua nor processes: the Lua VM is
// whoever implements Vm.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "modem/modem.h"
#include "module/message.h"
#include "module/pins.h"
#include "module/socket_slots.h"
#include "module/state.h"
#include "module/uart.h"
#include "net/network.h"

namespace moonwire::module {

class AtCarrier;

using net::Micros;

/// The program that runs on the module, as the module sees it. Called from any place; it notes what
/// is asked and does it when the running call has returned.
class Vm {
 public:
  virtual std::uint32_t pid() const = 0;
  virtual std::size_t memory_bytes() const = 0;
  virtual std::size_t memory_limit_bytes() const = 0;
  /// A fresh state in `after` microseconds, under the same pid.
  virtual void restart(PowerOnReason reason, Micros after) = 0;
  virtual void switch_off() = 0;

 protected:
  ~Vm() = default;
};

class Module final : public modem::Board {
 public:
  struct Surroundings {
    net::Deadlines& deadlines;
    net::Network& network;
    std::function<Micros()> wall_clock;  // since the Unix epoch
    std::function<void()> on_changed;    // state(), a UART's output or the AT trace; may be empty
  };

  explicit Module(Surroundings surroundings);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // Power.

  /// @return false while it is on.
  bool set_profile(Profile profile);
  Profile profile() const { return profile_; }
  bool is_on() const { return vm_ != nullptr; }
  Vm* vm() const { return vm_; }
  /// A fresh VM starts: everything that belonged to the one before is gone.
  void power_on(Vm& vm, PowerOnReason reason);
  void power_off();
  PowerOnReason power_on_reason() const { return reason_; }
  /// Ends what the VM has at the hardware and asks it to start anew.
  void restart(PowerOnReason reason, Micros after);
  /// rtos.poweron, and the first rtos.receive.
  void start_modem();
  /// rtos.poweron(0): the first rtos.receive does not start it.
  void hold_modem() { modem_starts_by_itself_ = false; }
  void start_modem_unless_held();
  const char* core_version() const;
  /// 16384 a second since it was switched on.
  std::int64_t ticks() const;
  Micros on_for() const;

  // Time.

  std::int64_t unix_seconds() const override;
  void set_unix_seconds(std::int64_t seconds) override;
  /// MSG_ALARM at this second of the module's clock; nothing: none.
  void set_alarm(std::optional<std::int64_t> seconds);

  // What rtos.receive gives.

  MessageQueue& messages() { return messages_; }
  void post(const Message& message) { messages_.post(message); }
  /// @return false when there are too many.
  bool start_timer(std::int32_t id, Micros span);
  void stop_timer(std::int32_t id);
  void watch_keypad() { watches_keypad_ = true; }

  // The firmware's watchdog (rtos.openSoftDog).

  void open_watchdog(Micros patience);
  void feed_watchdog();
  void close_watchdog();

  // Hardware.

  Pins& pins() { return pins_; }
  /// 1 to 3; null for others, and for the Air202's third.
  Uart* uart(int port);
  /// A write by the script, which the page may fetch.
  void write_uart(int port, std::string_view bytes);
  /// A write to uart.ATC. @return how many bytes were taken.
  std::size_t write_modem(std::string_view bytes) { return modem_->write(bytes); }
  /// Something that state() tells has changed from outside.
  void note_change() const { changed(); }
  void set_adc(std::size_t channel, int millivolts);
  int adc(std::size_t channel) const { return adc_[channel]; }
  void set_battery(int millivolts);
  int battery() const { return battery_; }
  SocketSlots& sockets() { return slots_; }
  modem::Modem& modem() { return *modem_; }
  const modem::Modem& modem() const { return *modem_; }

  // The bench.

  void press_power_key(bool down);
  void reset_line();
  void drive_pin(PinCode code, bool level);
  void arrive_at_uart(int port, std::string_view bytes);

  State state() const;
  /// What the script wrote to the port since the last call.
  std::string take_uart(int port, std::size_t& lost);

  // modem::Board.

  Micros now() const override { return deadlines_.now(); }
  void on_at_readable() override;
  void on_bearer_lost() override;
  void on_sim_inserted(bool inserted) override;
  void on_changed() override;

 private:
  struct Alarm {
    net::Deadlines& deadlines;
    net::DeadlineId id = net::no_deadline;

    void set(Micros when, std::function<void()> action) {
      cancel();
      id = deadlines.call_at(when, [this, action = std::move(action)] {
        id = net::no_deadline;
        action();
      });
    }
    void cancel() {
      if (id != net::no_deadline) deadlines.cancel(id);
      id = net::no_deadline;
    }
    bool is_set() const { return id != net::no_deadline; }
  };

  void make_modem();
  void serve_modem();
  void changed() const;
  void clear_vm();
  void on_pin_changed(PinCode code);
  void ask_external_watchdog(PinCode line);

  net::Deadlines& deadlines_;
  net::Network& network_;
  std::function<Micros()> wall_clock_;
  std::function<void()> on_changed_;

  Profile profile_ = Profile::air202;
  Vm* vm_ = nullptr;
  PowerOnReason reason_ = PowerOnReason::key;
  Micros since_ = 0;
  std::int64_t clock_offset_ = 0;  // seconds that the module's clock is ahead of the host's
  bool modem_starts_by_itself_ = true;
  bool watches_keypad_ = false;

  MessageQueue messages_;
  std::map<std::int32_t, net::DeadlineId> timers_;
  Alarm clock_alarm_;

  struct FirmwareWatchdog {
    bool is_armed = false;
    Micros patience = 0;
    Micros fed = 0;
    std::uint64_t resets = 0;
  };
  FirmwareWatchdog watchdog_;
  Alarm watchdog_alarm_;

  struct ExternalWatchdog {
    PinCode line = 0;
    bool is_armed = false;
    Micros fed = 0;
    std::uint64_t resets = 0;
  };
  ExternalWatchdog external_;
  std::array<Micros, pin_count> low_since_{};  // outputs that are low; 0: not
  Alarm external_alarm_;
  Alarm external_line_;

  std::array<Alarm, 3> uart_done_;

  Pins pins_;
  std::array<Uart, 3> uarts_;
  std::array<int, adc_channels> adc_{};
  int battery_ = 3800;
  SocketSlots slots_;
  std::unique_ptr<AtCarrier> carrier_;
  std::unique_ptr<modem::Modem> modem_;
  Alarm modem_alarm_;
  bool has_service_ = false;  // the modem had when it was last served
};

}  // namespace moonwire::module
