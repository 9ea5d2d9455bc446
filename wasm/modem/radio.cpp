// The state machine of SIM, registration and bearer.
#include "modem/radio.h"

#include <algorithm>
#include <cstdio>

#include "modem/calendar.h"
#include "modem/limits.h"

namespace moonwire::modem {
namespace {

constexpr std::uint8_t no_signal = 99;

char digit(Registration registration) {
  switch (registration) {
    using enum Registration;
    case off: return '0';
    case registered: return '1';
    case searching: return '2';
  }
  return '4';
}

}  // namespace

Radio::Radio(const Settings& settings, Board& board, AtChannel& channel, BearerEvents& events)
    : settings_(settings),
      board_(board),
      channel_(channel),
      events_(events),
      pin_(settings.identity.pin),
      tries_left_(pin_tries) {
  alarm_.fill(never);
}

void Radio::power_on() {
  if (stage_ != Stage::off) return;
  stage_ = Stage::starting;
  set_alarm(ready_alarm, settings_.timings.ready);
}

void Radio::power_off() {
  stage_ = Stage::off;
  alarm_.fill(never);
  sim_announced_ = false;
  flying_ = false;
  registration_ = Registration::off;
  attached_ = false;
  bearer_ = Bearer::initial;
  reports_.fill(0);
  reports_time_ = false;
  if (sim_ == Sim::ready && card_locked_) {
    sim_ = Sim::pin;
    tries_left_ = pin_tries;
  }
}

Micros Radio::next_deadline() const {
  return *std::min_element(alarm_.begin(), alarm_.end());
}

void Radio::advance() {
  const Micros now = board_.now();
  while (true) {
    const auto first = std::min_element(alarm_.begin(), alarm_.end());
    if (*first > now) return;
    *first = never;
    ring(static_cast<Alarm>(first - alarm_.begin()));
  }
}

void Radio::ring(Alarm alarm) {
  switch (alarm) {
    case ready_alarm:
      stage_ = Stage::on;
      channel_.notice("RDY");
      if (sim_ == Sim::ready) registration_ = Registration::searching;  // at AT+CREG?, unsaid
      set_alarm(sim_alarm, settings_.timings.sim);
      return;
    case sim_alarm: return announce_sim();
    case registration_alarm: return register_now();
    case attach_alarm: attached_ = true; return;
    case activation_alarm:
      if (is_lte()) {
        bearer_ = is_registered() && attached_ ? Bearer::status : Bearer::initial;
      } else if (bearer_ == Bearer::config) {
        bearer_ = is_registered() && attached_ ? Bearer::gprs_active : Bearer::start;
      }
      return;
    case time_alarm: return say_time();
    case patience_alarm: return drop_bearer();
    case alarms: return;
  }
}

// SIM.

void Radio::set_sim(Sim sim) {
  if (sim == sim_) return;
  const bool was_there = sim_ != Sim::absent;
  sim_ = sim;
  card_locked_ = sim == Sim::pin;
  pin_ = settings_.identity.pin;
  tries_left_ = sim == Sim::puk ? puk_tries : sim == Sim::dead ? 0 : pin_tries;
  alarm_[sim_alarm] = never;
  if (was_there) {
    sim_announced_ = false;
    if (stage_ == Stage::on && !flying_) channel_.notice("+CPIN: NOT INSERTED");
    lose_bearer();
    leave_network(Registration::off);
    board_.on_sim_inserted(false);
  }
  if (sim == Sim::absent) return;
  board_.on_sim_inserted(true);
  if (stage_ == Stage::on && !flying_) set_alarm(sim_alarm, settings_.timings.sim);
}

void Radio::announce_sim() {
  sim_announced_ = true;
  switch (sim_) {
    using enum Sim;
    case absent: channel_.notice("+CPIN: NOT INSERTED"); break;
    case pin: channel_.notice("+CPIN: SIM PIN"); break;
    case puk: channel_.notice("+CPIN: SIM PUK"); break;
    case dead: channel_.notice("+CPIN: NOT READY"); break;
    case ready: channel_.notice("+CPIN: READY"); break;
  }
  look_for_network();
}

Radio::PinAnswer Radio::enter_pin(std::string_view pin, std::string_view new_pin) {
  if (sim_ != Sim::pin && sim_ != Sim::puk) return PinAnswer::not_asked;
  if (pin == (sim_ == Sim::pin ? std::string_view(pin_) : settings_.identity.puk)) {
    if (sim_ == Sim::puk && !new_pin.empty()) pin_ = new_pin;
    sim_ = Sim::ready;
    tries_left_ = pin_tries;
    sim_announced_ = false;
    if (stage_ == Stage::on && !flying_) set_alarm(sim_alarm, settings_.timings.sim);
    return PinAnswer::accepted;
  }
  if (--tries_left_ == 0) {
    const bool dies = sim_ == Sim::puk;
    sim_ = dies ? Sim::dead : Sim::puk;
    tries_left_ = dies ? 0 : puk_tries;
    if (stage_ == Stage::on && sim_announced_) announce_sim();
  }
  return PinAnswer::wrong;
}

// Network.

void Radio::set_network(bool available) {
  if (available == network_) return;
  network_ = available;
  if (!available && is_registered()) return leave_network(Registration::searching);
  look_for_network();
}

void Radio::set_signal(std::uint8_t csq) {
  csq_ = csq == no_signal ? no_signal : std::min<std::uint8_t>(csq, 31);
}

std::uint8_t Radio::signal() const {
  return network_ && !flying_ ? csq_ : no_signal;
}

std::uint32_t Radio::cell() const {
  return is_lte() ? 0x0593e101 : 0x93e1;
}

void Radio::set_function(bool full) {
  if (full != flying_) return;
  flying_ = !full;
  if (full) {
    set_alarm(sim_alarm, settings_.timings.sim_after_fly);
    return;
  }
  alarm_[sim_alarm] = never;
  sim_announced_ = false;
  lose_bearer();
  leave_network(Registration::off);
}

void Radio::look_for_network() {
  if (stage_ != Stage::on || flying_ || sim_ != Sim::ready) {
    return leave_network(Registration::off);
  }
  if (is_registered()) return;
  const bool is_news = registration_ != Registration::searching;
  registration_ = Registration::searching;
  if (is_news) say_registration();
  alarm_[registration_alarm] = never;
  if (network_ && sim_announced_) set_alarm(registration_alarm, settings_.timings.registration);
}

void Radio::register_now() {
  registration_ = Registration::registered;
  alarm_[patience_alarm] = never;
  if (is_lte()) {
    attached_ = true;  // LTE attaches and has its default bearer in one go
    bearer_ = Bearer::status;
    alarm_[activation_alarm] = never;
    channel_.notice("^MODE: 17,17");
  } else if (!attached_) {
    set_alarm(attach_alarm, settings_.timings.attach);
  }
  say_registration();
  set_alarm(time_alarm, settings_.timings.network_time);
}

void Radio::leave_network(Registration to) {
  const bool is_news = registration_ != to;
  registration_ = to;
  alarm_[registration_alarm] = alarm_[time_alarm] = never;
  alarm_[attach_alarm] = never;
  if (to == Registration::off) {
    attached_ = false;
    alarm_[activation_alarm] = alarm_[patience_alarm] = never;
    if (bearer_ == Bearer::config) bearer_ = Bearer::start;
  } else if (has_bearer()) {
    set_alarm(patience_alarm, settings_.timings.bearer_patience);
  }
  if (is_news) say_registration();
}

void Radio::say_registration() {
  struct Line {
    Report report;
    std::string_view name;
  };
  static constexpr Line lines[] = {
      {Report::creg, "+CREG: "}, {Report::cgreg, "+CGREG: "}, {Report::cereg, "+CEREG: "}};
  for (const Line& line : lines) {
    if (line.report == Report::cereg && !is_lte()) continue;
    const std::uint8_t level = reports_[index(line.report)];
    if (level == 0) continue;
    // The answer's text begins with the level and a comma, which an unasked line has not.
    const std::string text = registration_text(line.report);
    channel_.notice(std::string(line.name) + text.substr(2));
  }
}

std::string Radio::registration_text(Report report) const {
  const std::uint8_t level = reports_[index(report)];
  char text[48];
  std::snprintf(text, sizeof text, "%d,%c", level, digit(registration_));
  std::string result = text;
  if (level < 2 || !is_registered()) return result;
  std::snprintf(text, sizeof text, is_lte() ? ",\"%04x\",\"%08x\",7" : ",\"%04x\",\"%04x\"", area(),
                cell());
  return result + text;
}

void Radio::say_time() {
  const Calendar utc = calendar_of(board_.unix_seconds());
  char text[64];
  if (is_lte()) {
    const Calendar local = calendar_of(board_.unix_seconds() + china_seconds);
    std::snprintf(text, sizeof text, "+NITZ: %s+32,0", cclk_text(local).c_str());
  } else if (reports_time_) {
    std::snprintf(text, sizeof text, "*PSUTTZ: %d,%d,%d,%d,%d,%d,\"+32\",0", utc.year, utc.month,
                  utc.day, utc.hour, utc.minute, utc.second);
  } else {
    return;
  }
  channel_.notice(text);
}

// Bearer.

void Radio::set_attached(bool attached) {
  if (!attached) {
    lose_bearer();
    attached_ = false;
    alarm_[attach_alarm] = never;
    return;
  }
  if (!is_registered() || attached_) return;
  attached_ = true;
  if (is_lte()) set_alarm(activation_alarm, settings_.timings.activation);
}

bool Radio::start_task() {
  if (bearer_ != Bearer::initial) return false;
  bearer_ = Bearer::start;
  return true;
}

bool Radio::begin_activation() {
  if (!attached_ || !is_registered() || bearer_ != Bearer::start) return false;
  bearer_ = Bearer::config;
  set_alarm(activation_alarm, settings_.timings.activation);
  return true;
}

std::optional<std::string> Radio::take_address() {
  if (!has_bearer()) return std::nullopt;
  bearer_ = Bearer::status;
  return settings_.identity.address;
}

void Radio::shut() {
  alarm_[activation_alarm] = alarm_[patience_alarm] = never;
  bearer_ = Bearer::initial;
}

void Radio::drop_bearer() {
  if (!has_bearer()) return;
  lose_bearer();
  // The Air724U's network gives a new default bearer by itself; on 2G the script has to ask.
  if (is_lte() && is_registered()) set_alarm(activation_alarm, settings_.timings.activation);
}

void Radio::lose_bearer() {
  alarm_[activation_alarm] = alarm_[patience_alarm] = never;
  if (!has_bearer()) {
    bearer_ = bearer_ == Bearer::deactivated ? bearer_ : Bearer::initial;
    return;
  }
  bearer_ = is_lte() ? Bearer::initial : Bearer::deactivated;
  events_.on_bearer_lost();
}

}  // namespace moonwire::modem
