// What can be seen of the module from outside, as values: the panel's picture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modem/state.h"
#include "module/pins.h"
#include "module/socket_slots.h"

namespace moonwire::module {

/// rtos.poweron_reason()'s numbers.
enum class PowerOnReason : std::uint8_t {
  key = 0,
  charger = 1,
  alarm = 2,
  restart = 3,
  other = 4,
  unknown = 5,
  exception = 6,
  host = 7,
  watchdog = 8,
};

struct PinState {
  PinCode code = 0;
  PinDirection direction = PinDirection::input;
  bool level = false;
  Pull pull = Pull::none;
};

struct UartState {
  int port = 0;
  bool is_open = false;
  int baud = 0;
};

struct WatchdogState {
  bool is_external = false;
  bool is_armed = false;
  std::optional<std::int64_t> fed_ago;  // microseconds
  std::uint64_t resets = 0;
};

struct State {
  std::uint32_t pid = 0;  // 0: off
  std::optional<PowerOnReason> reason;
  std::string core_version;
  modem::State modem;
  std::vector<PinState> pins;  // in use
  std::vector<int> adc;        // millivolts
  int battery = 0;             // millivolts
  std::vector<UartState> uarts;
  std::vector<SlotState> slots;
  std::vector<WatchdogState> watchdogs;
  std::size_t memory_bytes = 0;
  std::size_t memory_limit_bytes = 0;
  std::int64_t on_for = 0;  // microseconds
  std::int64_t unix_seconds = 0;
};

}  // namespace moonwire::module
