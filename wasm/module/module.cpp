#include "module/module.h"

#include <algorithm>
#include <utility>

#include "module/at_carrier.h"

namespace moonwire::module {

namespace {

constexpr Micros second = 1'000'000;
constexpr std::int64_t ticks_per_second = 16'384;
constexpr int at_channel = 0x7f;
constexpr int bits_per_byte_on_the_line = 10;

}  // namespace

Module::Module(Surroundings surroundings)
    : deadlines_(surroundings.deadlines),
      network_(surroundings.network),
      wall_clock_(std::move(surroundings.wall_clock)),
      on_changed_(std::move(surroundings.on_changed)),
      clock_alarm_{deadlines_},
      watchdog_alarm_{deadlines_},
      external_alarm_{deadlines_},
      external_line_{deadlines_},
      uart_done_{Alarm{deadlines_}, Alarm{deadlines_}, Alarm{deadlines_}},
      pins_({.on_interrupt =
                 [this](PinCode code, bool level) {
                   constexpr std::int32_t rising = 1;
                   constexpr std::int32_t falling = 2;
                   post({MessageKind::interrupt, level ? rising : falling, code, 0});
                 },
             .on_changed = [this](PinCode code) { on_pin_changed(code); }}),
      slots_({.network = network_,
              .deadlines = deadlines_,
              .wall_clock = wall_clock_,
              .post = [this](const Message& message) { post(message); },
              .on_changed = [this] { changed(); },
              .latency = [this] { return modem_->timings().network / 2; },
              .has_bearer = [this] { return modem_->has_address(); },
              .has_service = [this] { return modem_->has_service(); }}),
      modem_alarm_{deadlines_} {
  make_modem();
}

Module::~Module() {
  clear_vm();
  clock_alarm_.cancel();
  modem_alarm_.cancel();
}

void Module::make_modem() {
  modem_alarm_.cancel();
  modem_.reset();
  carrier_ = std::make_unique<AtCarrier>(Ways{network_, deadlines_, wall_clock_});
  modem_ = std::make_unique<modem::Modem>(modem::Settings::of(profile_), *this, *carrier_);
  carrier_->set_events(modem_.get());
  pins_.set_profile(profile_);
}

void Module::changed() const {
  if (on_changed_) on_changed_();
}

// --- Power ---

bool Module::set_profile(Profile profile) {
  if (is_on()) return false;
  if (profile == profile_) return true;
  profile_ = profile;
  make_modem();
  changed();
  return true;
}

void Module::power_on(Vm& vm, PowerOnReason reason) {
  clear_vm();
  vm_ = &vm;
  reason_ = reason;
  since_ = now();
  changed();
}

void Module::power_off() {
  clear_vm();
  vm_ = nullptr;
  changed();
}

void Module::clear_vm() {
  for (const auto& [id, deadline] : timers_) deadlines_.cancel(deadline);
  timers_.clear();
  messages_.clear();
  slots_.reset();
  pins_.reset();
  for (Uart& uart : uarts_) uart.close();
  for (Alarm& alarm : uart_done_) alarm.cancel();
  low_since_.fill(0);
  modem_->power_off();
  watchdog_alarm_.cancel();
  watchdog_.is_armed = false;
  external_alarm_.cancel();
  external_line_.cancel();
  external_.is_armed = false;
  modem_starts_by_itself_ = true;
  watches_keypad_ = false;
}

void Module::restart(PowerOnReason reason, Micros after) {
  if (!vm_) return;
  clear_vm();
  vm_->restart(reason, after);
  changed();
}

void Module::start_modem() {
  modem_->power_on();
}

void Module::start_modem_unless_held() {
  if (!modem_starts_by_itself_) return;
  modem_starts_by_itself_ = false;
  modem_->power_on();
}

const char* Module::core_version() const {
  return profile_ == Profile::air202 ? "Luat_V0040_8955_SSL_FLOAT"
                                     : "Luat_V3030_RDA8910_TTS_NOVOLTE_FLOAT";
}

Micros Module::on_for() const {
  return vm_ ? now() - since_ : 0;
}

std::int64_t Module::ticks() const {
  const Micros passed = on_for();
  return passed / second * ticks_per_second + passed % second * ticks_per_second / second;
}

// --- Time ---

std::int64_t Module::unix_seconds() const {
  return wall_clock_() / second + clock_offset_;
}

void Module::set_unix_seconds(std::int64_t seconds) {
  clock_offset_ = seconds - wall_clock_() / second;
  changed();
}

void Module::set_alarm(std::optional<std::int64_t> seconds) {
  clock_alarm_.cancel();
  if (!seconds) return;
  const Micros from_now = std::max<std::int64_t>(0, *seconds - unix_seconds()) * second;
  clock_alarm_.set(now() + from_now, [this] { post({MessageKind::alarm, 0, 0, 0}); });
}

// --- Messages ---

bool Module::start_timer(std::int32_t id, Micros span) {
  stop_timer(id);
  if (timers_.size() >= timers_max) return false;
  timers_[id] = deadlines_.call_at(now() + span, [this, id] {
    timers_.erase(id);
    post({MessageKind::timer, id, 0, 0});
  });
  return true;
}

void Module::stop_timer(std::int32_t id) {
  const auto running = timers_.find(id);
  if (running == timers_.end()) return;
  deadlines_.cancel(running->second);
  timers_.erase(running);
}

// --- Watchdogs ---

void Module::open_watchdog(Micros patience) {
  watchdog_.is_armed = true;
  watchdog_.patience = patience;
  feed_watchdog();
}

void Module::feed_watchdog() {
  if (!watchdog_.is_armed) return;
  watchdog_.fed = now();
  watchdog_alarm_.set(now() + watchdog_.patience, [this] {
    watchdog_alarm_.set(now() + watchdog_last_call, [this] {
      ++watchdog_.resets;
      restart(PowerOnReason::watchdog, reboot_delay);
    });
  });
  changed();
}

void Module::close_watchdog() {
  watchdog_.is_armed = false;
  watchdog_alarm_.cancel();
  changed();
}

// The watchdog chip of the Air202's boards hangs on whatever pin the script asks with: one that it
// drove low for a while and then turned into an input. The chip answers by pulling it low.
void Module::on_pin_changed(PinCode code) {
  const Pin& pin = pins_.pin(code);
  const Micros low_since = std::exchange(low_since_[code], 0);
  if (pin.is_set_up && pin.direction == PinDirection::output) {
    if (!pin.output) low_since_[code] = low_since != 0 ? low_since : std::max<Micros>(now(), 1);
  } else if (pin.is_set_up && pin.direction == PinDirection::input && low_since != 0 &&
             profile_ == Profile::air202 && now() - low_since >= external_watchdog_ask) {
    ask_external_watchdog(code);
  } else if (!pin.is_set_up) {
    low_since_[code] = low_since;  // LuaTask closes a pin before it turns it into an input
  }
  changed();
}

void Module::ask_external_watchdog(PinCode line) {
  external_.line = line;
  pins_.drive(line, true);
  external_line_.set(now() + external_watchdog_answer, [this] {
    pins_.drive(external_.line, false);
    external_line_.set(now() + external_watchdog_hold,
                       [this] { pins_.drive(external_.line, std::nullopt); });
  });
  external_.is_armed = true;
  external_.fed = now();
  external_alarm_.set(now() + external_watchdog_patience, [this] {
    ++external_.resets;
    restart(PowerOnReason::watchdog, reboot_delay);
  });
}

// --- Hardware ---

Uart* Module::uart(int port) {
  const int last = profile_ == Profile::air202 ? 2 : 3;
  return port >= 1 && port <= last ? &uarts_[std::size_t(port - 1)] : nullptr;
}

void Module::write_uart(int port, std::string_view bytes) {
  Uart* const line = uart(port);
  if (!line || !line->is_open()) return;
  line->write(bytes);
  if (line->settings().tells_sent) {
    const int baud = std::max(line->settings().baud, 1);
    const Micros takes = Micros(bytes.size()) * bits_per_byte_on_the_line * second / baud;
    uart_done_[std::size_t(port - 1)].set(now() + takes, [this, port] {
      post({MessageKind::uart_sent, port, 0, 0});
    });
  }
  changed();
}

void Module::set_adc(std::size_t channel, int millivolts) {
  if (channel >= adc_.size()) return;
  adc_[channel] = millivolts;
  changed();
}

void Module::set_battery(int millivolts) {
  battery_ = millivolts;
  modem_->set_battery(std::uint32_t(std::max(millivolts, 0)));
  changed();
}

// --- The bench ---

void Module::press_power_key(bool down) {
  // The matrix place that the firmware gives the power key.
  constexpr std::int32_t power_key = 255;
  if (vm_ && watches_keypad_) post({MessageKind::keypad, down ? 1 : 0, power_key, power_key});
}

void Module::reset_line() {
  restart(PowerOnReason::restart, reboot_delay);
}

void Module::drive_pin(PinCode code, bool level) {
  if (code < pin_count) pins_.drive(code, level);
}

void Module::arrive_at_uart(int port, std::string_view bytes) {
  Uart* const line = uart(port);
  if (!line || !line->arrive(bytes)) return;
  post({MessageKind::uart_received, port, 0, 0});
}

std::string Module::take_uart(int port, std::size_t& lost) {
  return uarts_[std::size_t(port - 1)].take_sent(lost);
}

State Module::state() const {
  State state;
  state.pid = vm_ ? vm_->pid() : 0;
  if (vm_) state.reason = reason_;
  state.core_version = core_version();
  state.modem = modem_->state();
  for (std::size_t code = 0; code < pin_count; ++code) {
    const auto pin_code = PinCode(code);
    if (!pins_.is_in_use(pin_code)) continue;
    const Pin& pin = pins_.pin(pin_code);
    state.pins.push_back({pin_code, pin.direction, pins_.level(pin_code), pin.pull});
  }
  state.adc.assign(adc_.begin(), adc_.end());
  state.battery = battery_;
  const std::size_t ports = profile_ == Profile::air202 ? 2 : 3;
  for (std::size_t port = 0; port < ports; ++port) {
    state.uarts.push_back({int(port) + 1, uarts_[port].is_open(), uarts_[port].settings().baud});
  }
  state.slots = slots_.states();
  const auto ago = [this](bool is_armed, Micros fed) {
    return is_armed ? std::optional<std::int64_t>(now() - fed) : std::nullopt;
  };
  if (profile_ == Profile::air202) {
    state.watchdogs.push_back(
        {true, external_.is_armed, ago(external_.is_armed, external_.fed), external_.resets});
  }
  state.watchdogs.push_back(
      {false, watchdog_.is_armed, ago(watchdog_.is_armed, watchdog_.fed), watchdog_.resets});
  state.memory_bytes = vm_ ? vm_->memory_bytes() : 0;
  state.memory_limit_bytes = vm_ ? vm_->memory_limit_bytes() : 0;
  state.on_for = on_for();
  state.unix_seconds = unix_seconds();
  return state;
}

// --- modem::Board ---

void Module::on_at_readable() {
  post({MessageKind::uart_received, at_channel, 0, 0});
}

void Module::on_bearer_lost() {
  slots_.drop_all();
  if (profile_ == Profile::air724u) post({MessageKind::bearer_lost, 0, 0, 0});
}

void Module::on_sim_inserted(bool inserted) {
  post({MessageKind::sim_inserted, inserted ? 1 : 0, 0, 0});
}

void Module::on_changed() {
  // From inside the modem: it is asked for its next moment when it has returned.
  modem_alarm_.set(now(), [this] { serve_modem(); });
  changed();
}

void Module::serve_modem() {
  modem_->advance();
  const bool had_service = std::exchange(has_service_, modem_->has_service());
  if (has_service_ && !had_service) slots_.go_on();
  const Micros next = modem_->next_deadline();
  if (next == INT64_MAX) {
    modem_alarm_.cancel();
  } else {
    modem_alarm_.set(next, [this] { serve_modem(); });
  }
}

}  // namespace moonwire::module
