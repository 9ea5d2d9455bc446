// What each AT command is answered with. The tables in at_answers.cpp are the list of what this
// modem knows; anything else is ERROR.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "modem/at_channel.h"
#include "modem/at_command.h"
#include "modem/at_sockets.h"
#include "modem/board.h"
#include "modem/radio.h"
#include "modem/state.h"

namespace moonwire::modem {

/// The reply is complete.
struct Done {};
/// "> " has been said: `bytes` raw bytes belong to the command, then finish_with() goes on.
struct WantsBytes {
  std::size_t bytes = 0;
};
/// The last line comes from AtSockets::take_send_result().
struct Sending {};
/// The last line is due once Radio::is_activating() ends.
struct Activating {};
using Outcome = std::variant<Done, WantsBytes, Sending, Activating>;

class AtAnswers final {
 public:
  struct Parts {
    Settings& settings;
    Board& board;
    AtChannel& channel;
    Radio& radio;
    AtSockets& sockets;
    std::uint32_t& battery_millivolts;
  };
  explicit AtAnswers(Parts parts) : parts_(parts) {}

  Outcome execute(const AtCommand& command);
  /// The bytes that a WantsBytes asked for.
  Outcome finish_with(const AtCommand& command, std::string bytes);
  /// An Activating has come to its end.
  void finish_activation();
  /// Not a command at all, or a prompt that nobody answered.
  void error() { fail(Failure::unknown); }
  /// Power went: what AT commands had set is as before them.
  void reset() { modes_ = {}; }

 private:
  /// The numbers of +CME ERROR.
  enum class Failure : std::uint8_t {
    not_allowed = 3,
    no_sim = 10,
    needs_pin = 11,
    wrong_password = 16,
    too_long = 24,
    unknown = 100
  };
  using Handler = Outcome (AtAnswers::*)(const AtCommand&);
  struct Entry;
  struct Modes {
    std::uint32_t errors = 0;       // AT+CMEE
    bool many = false;              // AT+CIPMUX
    bool quick = false;             // AT+CIPQSEND
    bool async_activation = false;  // AT+CIICRMODE=2
    std::string apn;
    std::string dns[2];
  };

  static const Entry* find(const AtCommand& command, Profile profile);

  void line(std::string_view text) { parts_.channel.reply(text); }
  Outcome ok();
  Outcome ok(std::string_view text);  // a line, then OK
  Outcome fail(Failure why);
  Outcome sim_failure();
  bool is_lte() const { return parts_.settings.profile == Profile::air724u; }

  // One handler for each command, in the order of the tables.
  Outcome accept(const AtCommand& command);
  Outcome set_error_mode(const AtCommand& command);
  Outcome tell_version(const AtCommand& command);
  Outcome tell_imei(const AtCommand& command);
  Outcome set_imei(const AtCommand& command);
  Outcome serial(const AtCommand& command);
  Outcome tell_muid(const AtCommand& command);
  Outcome tell_calibration(const AtCommand& command);
  Outcome tell_battery(const AtCommand& command);
  Outcome clock(const AtCommand& command);
  Outcome report_time(const AtCommand& command);
  Outcome pin(const AtCommand& command);
  Outcome tell_iccid(const AtCommand& command);
  Outcome tell_imsi(const AtCommand& command);
  Outcome tell_number(const AtCommand& command);
  Outcome sim_slot(const AtCommand& command);
  Outcome function(const AtCommand& command);
  Outcome registration(const AtCommand& command);
  Outcome tell_operator(const AtCommand& command);
  Outcome tell_signal(const AtCommand& command);
  Outcome tell_extended_signal(const AtCommand& command);
  Outcome cells_2g(const AtCommand& command);
  Outcome cells_4g(const AtCommand& command);
  Outcome tell_band(const AtCommand& command);
  Outcome attachment(const AtCommand& command);
  Outcome contexts(const AtCommand& command);
  Outcome context_activation(const AtCommand& command);
  Outcome network_apn(const AtCommand& command);

  Outcome many_sockets(const AtCommand& command);
  Outcome quick_send(const AtCommand& command);
  Outcome activation_mode(const AtCommand& command);
  Outcome dns(const AtCommand& command);
  Outcome status(const AtCommand& command);
  Outcome start_task(const AtCommand& command);
  Outcome activate(const AtCommand& command);
  Outcome tell_address(const AtCommand& command);
  Outcome shut(const AtCommand& command);
  Outcome open_socket(const AtCommand& command);
  Outcome ask_for_bytes(const AtCommand& command);
  Outcome close_socket(const AtCommand& command);
  Outcome ssl_certificate(const AtCommand& command);
  Outcome ssl_create(const AtCommand& command);
  Outcome ssl_connect(const AtCommand& command);
  Outcome ssl_destroy(const AtCommand& command);

  Parts parts_;
  Modes modes_;
};

}  // namespace moonwire::modem
