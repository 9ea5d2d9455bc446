#include "module/pins.h"

#include <charconv>

namespace moonwire::module {

void Pins::reset() {
  for (std::size_t code = 0; code < pins_.size(); ++code) {
    const auto driven = pins_[code].driven;
    pins_[code] = Pin{.driven = driven};
  }
  supplies_.fill(0);
}

template <typename Change>
void Pins::change(PinCode code, Change&& change) {
  Pin& pin = pins_[code];
  const bool was_interrupt = pin.is_set_up && pin.direction == PinDirection::interrupt;
  const bool before = level(code);
  change(pin);
  const bool after = level(code);
  const bool is_interrupt = pin.is_set_up && pin.direction == PinDirection::interrupt;
  if (was_interrupt && is_interrupt && before != after) events_.on_interrupt(code, after);
  events_.on_changed(code);
}

void Pins::set_up(PinCode code, PinDirection direction) {
  change(code, [direction](Pin& pin) {
    pin.is_set_up = true;
    pin.direction = direction;
  });
}

void Pins::set_pull(PinCode code, Pull pull) {
  change(code, [pull](Pin& pin) { pin.pull = pull; });
}

void Pins::close(PinCode code) {
  change(code, [](Pin& pin) { pin = Pin{.driven = pin.driven}; });
}

void Pins::write(PinCode code, bool level) {
  change(code, [level](Pin& pin) { pin.output = level; });
}

void Pins::drive(PinCode code, std::optional<bool> level) {
  change(code, [level](Pin& pin) { pin.driven = level; });
}

bool Pins::level(PinCode code) const {
  const Pin& pin = pins_[code];
  if (const auto supply = supply_of(code); supply && supplies_[std::size_t(*supply)] == 0) {
    return false;
  }
  if (pin.is_set_up && pin.direction == PinDirection::output) return pin.output;
  if (pin.driven) return *pin.driven;
  return pin.pull == Pull::up;
}

void Pins::set_supply(Supply supply, int level) {
  std::array<bool, pin_count> before{};
  for (std::size_t code = 0; code < pin_count; ++code) before[code] = this->level(PinCode(code));
  supplies_[std::size_t(supply)] = level;
  for (std::size_t code = 0; code < pin_count; ++code) {
    const bool after = this->level(PinCode(code));
    if (before[code] == after) continue;
    const Pin& pin = pins_[code];
    if (pin.is_set_up && pin.direction == PinDirection::interrupt) {
      events_.on_interrupt(PinCode(code), after);
    }
    events_.on_changed(PinCode(code));
  }
}

std::optional<Supply> Pins::supply_of(PinCode code) const {
  const auto within = [code](int first, int last) { return code >= first && code <= last; };
  if (profile_ == Profile::air724u) {
    if (within(0, 4)) return Supply::lcd;
    if (within(24, 28)) return Supply::mmc;
    if (within(29, 31)) return Supply::sim1;
  } else {
    if (within(8, 13)) return Supply::mmc;
    if (within(14, 18)) return Supply::lcd;
    if (within(19, 24)) return Supply::camera;
  }
  return std::nullopt;
}

std::optional<PinCode> Pins::code_of(std::string_view name) {
  if (name.size() < 4 || name[0] != 'P' || name[1] < '0' || name[1] > '2' || name[2] != '_') {
    return std::nullopt;
  }
  int pin = 0;
  const auto [end, error] = std::from_chars(name.data() + 3, name.data() + name.size(), pin);
  if (error != std::errc{} || end != name.data() + name.size() || pin < 0 || pin > 31) {
    return std::nullopt;
  }
  return PinCode((name[1] - '0') * 32 + pin);
}

std::string Pins::name_of(PinCode code) {
  return "P" + std::to_string(code / 32) + "_" + std::to_string(code % 32);
}

}  // namespace moonwire::module
