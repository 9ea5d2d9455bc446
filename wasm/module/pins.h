// The module's pins: what the script sets up and drives, what the bench drives, and which voltage
// domain feeds them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "modem/state.h"
#include "module/limits.h"

namespace moonwire::module {

using modem::Profile;

enum class PinDirection : std::uint8_t { input, output, interrupt };
enum class Pull : std::uint8_t { none, up, down };

/// Port and pin as one number, port * 32 + pin.
using PinCode = std::uint8_t;

struct Pin {
  bool is_set_up = false;  // by the script
  PinDirection direction = PinDirection::input;
  bool output = false;         // what the script drives
  std::optional<bool> driven;  // what the bench drives
  Pull pull = Pull::none;
};

/// The supplies that pins and peripherals hang on; the numbers are pmd's.
enum class Supply : std::uint8_t {
  lcd,
  mmc,
  sim1,
  camera,
  camera_a,
  camera_d,
  vibrator,
  backlight_r,
  backlight_g,
  backlight_b,
  backlight_w,
  headset,
  keypad_led,
};
inline constexpr std::size_t supply_count = std::size_t(Supply::keypad_led) + 1;

class Pins final {
 public:
  /// Told of an edge on an interrupt pin, and of each other change of a level or a setting.
  struct Events {
    std::function<void(PinCode, bool level)> on_interrupt;
    std::function<void(PinCode)> on_changed;
  };

  explicit Pins(Events events) : events_(std::move(events)) {}

  void set_profile(Profile profile) { profile_ = profile; }
  /// The script is gone: its set-up too. What the bench drives stays.
  void reset();

  void set_up(PinCode code, PinDirection direction);
  void set_pull(PinCode code, Pull pull);
  void close(PinCode code);
  void write(PinCode code, bool level);
  /// The level on the wire: what drives it, else its pull, else 0; 0 without supply.
  bool level(PinCode code) const;
  const Pin& pin(PinCode code) const { return pins_[code]; }
  /// The bench drives the pin, or with nothing lets go.
  void drive(PinCode code, std::optional<bool> level);
  bool is_in_use(PinCode code) const {
    return pins_[code].is_set_up || pins_[code].driven.has_value();
  }

  /// pmd.ldoset: 0 is off.
  void set_supply(Supply supply, int level);
  int supply(Supply supply) const { return supplies_[std::size_t(supply)]; }

  /// "P0_6"; nothing for what is no pin's name.
  static std::optional<PinCode> code_of(std::string_view name);
  static std::string name_of(PinCode code);

 private:
  std::optional<Supply> supply_of(PinCode code) const;
  template <typename Change>
  void change(PinCode code, Change&& change);

  Events events_;
  Profile profile_ = Profile::air202;
  std::array<Pin, pin_count> pins_{};
  std::array<int, supply_count> supplies_{};
};

}  // namespace moonwire::module
