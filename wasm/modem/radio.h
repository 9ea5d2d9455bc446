// SIM, registration and bearer: the modem's state machine. README.md has its table. It speaks
// through AtChannel's notices, and keeps its own deadlines.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modem/at_channel.h"
#include "modem/board.h"
#include "modem/state.h"

namespace moonwire::modem {

inline constexpr Micros never = INT64_MAX;

/// Told the moment the address is gone, before anybody else.
class BearerEvents {
 public:
  virtual void on_bearer_lost() = 0;

 protected:
  ~BearerEvents() = default;
};

class Radio final {
 public:
  /// What AT+CREG=n and its two sisters asked for: 0 nothing, 1 the state, 2 with the cell, too.
  enum class Report : std::uint8_t { creg, cgreg, cereg };

  Radio(const Settings& settings, Board& board, AtChannel& channel, BearerEvents& events);

  void power_on();
  void power_off();
  bool is_ready() const { return stage_ == Stage::on; }  // RDY has been said
  void advance();
  Micros next_deadline() const;

  // The panel.
  void set_sim(Sim sim);
  void set_network(bool available);
  void set_signal(std::uint8_t csq);

  // SIM.
  enum class PinAnswer : std::uint8_t { accepted, wrong, not_asked };
  /// The PIN, or when the PUK is asked for, that; `new_pin` replaces the PIN then, when not empty.
  PinAnswer enter_pin(std::string_view pin, std::string_view new_pin = {});
  Sim sim() const { return sim_; }
  std::uint8_t tries_left() const { return tries_left_; }
  /// The card can be read: it is there, unlocked, and the modem has said so.
  bool has_sim() const { return sim_ == Sim::ready && sim_announced_; }

  // Network.
  void set_function(bool full);  // AT+CFUN=1, or 0 and 4
  bool is_flying() const { return flying_; }
  void set_report(Report report, std::uint8_t level) { reports_[index(report)] = level; }
  void set_time_report(bool on) { reports_time_ = on; }
  /// What stands behind "+CREG: " in the answer to AT+CREG?.
  std::string registration_text(Report report) const;
  Registration registration() const { return registration_; }
  bool is_registered() const { return registration_ == Registration::registered; }
  std::uint8_t signal() const;  // 99 where there is no network to hear
  std::uint32_t area() const { return 0x18be; }
  std::uint32_t cell() const;

  // Bearer.
  bool is_attached() const { return attached_; }
  void set_attached(bool attached);  // AT+CGATT=
  Bearer bearer() const { return bearer_; }
  bool has_address() const { return bearer_ == Bearer::status; }
  bool start_task();        // AT+CSTT: false unless initial
  bool begin_activation();  // AT+CIICR: false where it cannot work
  bool is_activating() const { return bearer_ == Bearer::config; }
  std::optional<std::string> take_address();  // AT+CIFSR
  void shut();                                // AT+CIPSHUT: back to initial, says nothing
  void drop_bearer();                         // the network takes it

 private:
  enum class Stage : std::uint8_t { off, starting, on };
  enum Alarm : std::uint8_t {
    ready_alarm,
    sim_alarm,
    registration_alarm,
    attach_alarm,
    activation_alarm,
    time_alarm,
    patience_alarm,
    alarms
  };

  static std::size_t index(Report report) { return static_cast<std::size_t>(report); }
  bool is_lte() const { return settings_.profile == Profile::air724u; }
  bool has_bearer() const { return bearer_ == Bearer::gprs_active || bearer_ == Bearer::status; }
  void set_alarm(Alarm alarm, Micros span) { alarm_[alarm] = board_.now() + span; }
  void ring(Alarm alarm);
  void announce_sim();
  void look_for_network();  // searching, or off: whichever the rest allows
  void register_now();
  void leave_network(Registration to);
  void say_registration();
  void say_time();
  void lose_bearer();

  const Settings& settings_;
  Board& board_;
  AtChannel& channel_;
  BearerEvents& events_;

  // Outlive power: they belong to the card, the air and the bench.
  bool card_locked_ = false;  // asks for its PIN at every start
  Sim sim_ = Sim::ready;
  std::string pin_;
  std::uint8_t tries_left_;
  bool network_ = true;
  std::uint8_t csq_ = 25;

  Stage stage_ = Stage::off;
  bool sim_announced_ = false;
  bool flying_ = false;
  Registration registration_ = Registration::off;
  bool attached_ = false;
  Bearer bearer_ = Bearer::initial;
  std::array<std::uint8_t, 3> reports_{};
  bool reports_time_ = false;
  std::array<Micros, alarms> alarm_;
};

}  // namespace moonwire::modem
