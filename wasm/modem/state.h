// What can be seen of the modem from outside: for the panel and for tests. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modem/board.h"
#include "modem/carrier.h"

namespace moonwire::modem {

/// Air202: 2G, sockets by AT commands. Air724U: 4G, AT for SIM, network and bearer only.
enum class Profile : std::uint8_t { air202, air724u };

/// `pin` and `puk`: the card asks for it. `dead`: too many wrong PUKs.
enum class Sim : std::uint8_t { absent, pin, puk, ready, dead };

/// `off`: no power, no usable SIM, or fly mode. The virtual network denies nobody.
enum class Registration : std::uint8_t { off, searching, registered };

/// Where a 2G bearer stands, in the words of AT+CIPSTATUS. The Air724U only uses initial and
/// status.
enum class Bearer : std::uint8_t { initial, start, config, gprs_active, status, deactivated };

/// The module's names and numbers. Nothing in it is anybody's: test ranges throughout.
struct Identity {
  std::string imei = "860000000000017";
  std::string iccid = "89860000000000000017";
  std::string imsi = "460000000000017";
  std::string serial = "MOONWIRE00000017";
  std::string operator_code = "46000";
  std::string operator_name = "Moonwire Mobile";
  std::string pin = "1234";      // a SIM that asks for it takes this one
  std::string puk = "12345678";  // and this one after three wrong PINs
  std::string address = "10.12.34.56";
  std::string number = "13800000017";
  std::string core_version = "Luat_V0040_8955_SSL_FLOAT";  // AT+VER; letters, digits, _
};

/// How long things take, in microseconds.
struct Timings {
  Micros answer = 20'000;            // a command to its reply
  Micros network = 500'000;          // there and back; half of it for what comes unasked
  Micros ready = 300'000;            // power to RDY
  Micros sim = 700'000;              // RDY, or a card put in, or its PIN, to +CPIN
  Micros registration = 2'000'000;   // +CPIN: READY, or the network's return, to registered
  Micros sim_after_fly = 2'000'000;  // AT+CFUN=1 to +CPIN
  Micros attach = 100'000;           // registered to +CGATT: 1
  Micros activation = 1'000'000;     // AT+CIICR to IP GPRSACT; Air724U: a lost bearer to a new one
  Micros network_time = 1'000'000;   // registered to the network telling the time
  Micros bearer_patience = 30'000'000;  // unregistered with a bearer: then that is lost, too
  Micros send_patience = 60'000'000;    // a send that the peer does not take: SEND FAIL
  Micros prompt_patience = 60'000'000;  // a prompt that nobody answers: ERROR

  /// What the profile's real module has.
  static Timings of(Profile profile);
};

struct Settings {
  Profile profile = Profile::air202;
  Identity identity;
  Timings timings;

  /// A profile as it comes from the factory.
  static Settings of(Profile profile);
};

/// A socket of the AT engine.
struct SocketState {
  enum class Stage : std::uint8_t { connecting, connected, closed };
  SocketId id = 0;
  Protocol protocol = Protocol::tcp;
  std::string peer;  // "host:port" as the script wrote it
  Stage stage = Stage::connecting;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::size_t unread = 0;
};

struct State {
  Profile profile = Profile::air202;
  bool powered = false;
  std::string imei, iccid, imsi, operator_name;  // the SIM's are empty without a ready SIM
  Sim sim = Sim::ready;
  std::uint8_t pin_tries_left = 0;
  Registration registration = Registration::off;
  std::optional<std::uint8_t> generation;  // 2 or 4, while registered
  std::uint32_t area = 0;                  // LAC, or TAC on 4G
  std::uint32_t cell = 0;
  std::uint8_t signal = 0;  // CSQ: 0 to 31, 99 unknown
  bool fly_mode = false;
  bool attached = false;
  Bearer bearer = Bearer::initial;
  std::optional<std::string> address;
  std::uint32_t battery_millivolts = 0;
  std::vector<SocketState> sockets;
  std::uint64_t notices_lost = 0;  // dropped because the script does not read uart.ATC
};

/// One line or block on uart.ATC.
struct AtRecord {
  enum class Direction : std::uint8_t { to_modem, from_modem };
  std::uint64_t serial = 0;
  Micros at = 0;
  Direction direction = Direction::to_modem;
  std::string text;  // without its line end; bytes, cut at trace_text_bytes
};

/// What was recorded since the last time, and how many records were lost in between.
struct Trace {
  std::vector<AtRecord> records;
  std::uint64_t lost = 0;
};

}  // namespace moonwire::modem
