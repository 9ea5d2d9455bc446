// The commands that this modem knows, and those about the module, its SIM and its network.
#include "modem/at_answers.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "modem/calendar.h"
#include "modem/limits.h"

namespace moonwire::modem {

struct AtAnswers::Entry {
  std::string_view head;
  Handler handler;
};

namespace {

/// Settings without a virtual counterpart, and questions about what is never there (messages, phone
/// book, calls): taken, and without effect.
constexpr std::string_view accepted[] = {"",          "E",        "V",
                                         "Q",         "&W",       "&F",
                                         "+STON",     "+CIPHEAD", "+TCPUSERPARAM",
                                         "+CIND",     "+EEMOPT",  "*EXINFO",
                                         "*DNSTMOUT", "+MEDCR",   "+SPWM",
                                         "+CMGF",     "+CNMI",    "+CSMP",
                                         "+CSCS",     "+CPMS",    "+CLIP",
                                         "+CGSMS",    "+CRC",     "+SSLINIT",
                                         "+SSLTERM",  "+CGEREP",  "+CTZR",
                                         "+CTZU",     "+CSCLK",   "+IPR",
                                         "+CMGR",     "+CMGD",    "+CPBS",
                                         "+CPBR",     "+CPBF",    "+CLCC",
                                         "+CHUP",     "+CCWA"};
constexpr std::string_view accepted_2g_only[] = {"+STON", "+CIPHEAD", "+SSLINIT", "+SSLTERM",
                                                 "+SPWM"};
constexpr std::string_view accepted_4g_only[] = {"+CIND", "+EEMOPT", "*EXINFO", "*DNSTMOUT",
                                                 "+MEDCR"};

bool contains(std::span<const std::string_view> heads, std::string_view head) {
  return std::find(heads.begin(), heads.end(), head) != heads.end();
}

bool is_accepted(std::string_view head, Profile profile) {
  return contains(accepted, head) &&
         !(profile == Profile::air202 ? contains(accepted_4g_only, head)
                                      : contains(accepted_2g_only, head));
}

/// printf into a string; AT lines are short.
template <typename... Values>
std::string text_of(const char* format, Values... values) {
  char text[192];
  const int size = std::snprintf(text, sizeof text, format, values...);
  return {text,
          std::min<std::size_t>(static_cast<std::size_t>(std::max(size, 0)), sizeof text - 1)};
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const AtAnswers::Entry* AtAnswers::find(const AtCommand& command, Profile profile) {
  static constexpr Entry both[] = {
      {"+CMEE", &AtAnswers::set_error_mode}, {"+VER", &AtAnswers::tell_version},
      {"+CGSN", &AtAnswers::tell_imei},      {"+WIMEI", &AtAnswers::set_imei},
      {"+WISN", &AtAnswers::serial},         {"+MUID", &AtAnswers::tell_muid},
      {"+CBC", &AtAnswers::tell_battery},    {"+CCLK", &AtAnswers::clock},
      {"+CLTS", &AtAnswers::report_time},    {"+CPIN", &AtAnswers::pin},
      {"+CIMI", &AtAnswers::tell_imsi},      {"+CNUM", &AtAnswers::tell_number},
      {"+CFUN", &AtAnswers::function},       {"+CREG", &AtAnswers::registration},
      {"+CGREG", &AtAnswers::registration},  {"+COPS", &AtAnswers::tell_operator},
      {"+CSQ", &AtAnswers::tell_signal},     {"+CGATT", &AtAnswers::attachment},
  };
  static constexpr Entry only_2g[] = {
      {"+ATWMFT", &AtAnswers::tell_calibration},
      {"+CCID", &AtAnswers::tell_iccid},
      {"+CENG", &AtAnswers::cells_2g},
      {"+CIPMUX", &AtAnswers::many_sockets},
      {"+CIPQSEND", &AtAnswers::quick_send},
      {"+CIICRMODE", &AtAnswers::activation_mode},
      {"+CDNSCFG", &AtAnswers::dns},
      {"+CIPSTATUS", &AtAnswers::status},
      {"+CSTT", &AtAnswers::start_task},
      {"+CIICR", &AtAnswers::activate},
      {"+CIFSR", &AtAnswers::tell_address},
      {"+CIPSHUT", &AtAnswers::shut},
      {"+CIPSTART", &AtAnswers::open_socket},
      {"+CIPSEND", &AtAnswers::ask_for_bytes},
      {"+CIPCLOSE", &AtAnswers::close_socket},
      {"+SSLCERT", &AtAnswers::ssl_certificate},
      {"+SSLCREATE", &AtAnswers::ssl_create},
      {"+SSLCONNECT", &AtAnswers::ssl_connect},
      {"+SSLSEND", &AtAnswers::ask_for_bytes},
      {"+SSLDESTROY", &AtAnswers::ssl_destroy},
  };
  static constexpr Entry only_4g[] = {
      {"+CALIBINFO", &AtAnswers::tell_calibration},
      {"+ICCID", &AtAnswers::tell_iccid},
      {"+SIMCROSS", &AtAnswers::sim_slot},
      {"+CEREG", &AtAnswers::registration},
      {"+CESQ", &AtAnswers::tell_extended_signal},
      {"+EEMGINFO", &AtAnswers::cells_4g},
      {"*BAND", &AtAnswers::tell_band},
      {"+CGDCONT", &AtAnswers::contexts},
      {"+CGACT", &AtAnswers::context_activation},
      {"+CPNETAPN", &AtAnswers::network_apn},
  };
  const std::span<const Entry> tables[] = {
      both, profile == Profile::air202 ? std::span<const Entry>(only_2g) : only_4g};
  for (const std::span<const Entry> table : tables) {
    for (const Entry& entry : table) {
      if (entry.head == command.head) return &entry;
    }
  }
  static constexpr Entry taken{"", &AtAnswers::accept};
  return is_accepted(command.head, profile) ? &taken : nullptr;
}

Outcome AtAnswers::execute(const AtCommand& command) {
  const Entry* entry = find(command, parts_.settings.profile);
  if (entry == nullptr) return fail(Failure::unknown);
  if (command.kind == AtCommand::Kind::test) return ok();  // what it could be set to: not told
  return (this->*entry->handler)(command);
}

Outcome AtAnswers::ok() {
  line("OK");
  return Done{};
}

Outcome AtAnswers::ok(std::string_view text) {
  line(text);
  return ok();
}

Outcome AtAnswers::fail(Failure why) {
  line(modes_.errors == 0 ? "ERROR" : text_of("+CME ERROR: %d", static_cast<int>(why)));
  return Done{};
}

Outcome AtAnswers::sim_failure() {
  return fail(parts_.radio.sim() == Sim::absent ? Failure::no_sim : Failure::needs_pin);
}

// The module.

Outcome AtAnswers::accept(const AtCommand&) {
  return ok();
}

Outcome AtAnswers::set_error_mode(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::set) modes_.errors = command.number(0).value_or(0);
  if (command.kind != AtCommand::Kind::query) return ok();
  return ok(text_of("+CMEE: %u", modes_.errors));
}

Outcome AtAnswers::tell_version(const AtCommand&) {
  return ok(parts_.settings.identity.core_version);
}

Outcome AtAnswers::tell_imei(const AtCommand&) {
  return ok(parts_.settings.identity.imei);
}

Outcome AtAnswers::set_imei(const AtCommand& command) {
  const std::string_view imei = command.text(0);
  if (imei.size() != imei_bytes || !is_digits(imei)) return fail(Failure::unknown);
  parts_.settings.identity.imei = imei;
  return ok();
}

Outcome AtAnswers::serial(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::query) return ok(parts_.settings.identity.serial);
  if (command.kind != AtCommand::Kind::set) return fail(Failure::not_allowed);
  if (command.text(0).size() > serial_bytes) return fail(Failure::too_long);
  parts_.settings.identity.serial = command.text(0);
  return ok();
}

Outcome AtAnswers::tell_muid(const AtCommand&) {
  const std::string id = "4D6F6F6E77697265" + parts_.settings.identity.imei + "0";
  return ok(is_lte() ? "+MUID: " + id : "+MUID: \"" + id + '"');
}

Outcome AtAnswers::tell_calibration(const AtCommand&) {
  return ok(is_lte() ? "+CALIBINFO:LTE_afc:1,LTE_TDD_agc:1,LTE_TDD_apc:1,LTE_FDD_agc:1,"
                       "LTE_FDD_apc:1,ANT_LTE:1"
                     : "SUCC");
}

Outcome AtAnswers::tell_battery(const AtCommand&) {
  // A lithium cell: empty at 3.4 V, full at 4.2 V.
  const std::uint32_t over = std::clamp(parts_.battery_millivolts, 3400u, 4200u) - 3400;
  return ok(text_of("+CBC: 0,%u,%u", over / 8, parts_.battery_millivolts));
}

Outcome AtAnswers::clock(const AtCommand& command) {
  if (command.kind != AtCommand::Kind::set) {
    const Calendar local = calendar_of(parts_.board.unix_seconds() + china_seconds);
    return ok("+CCLK: \"" + cclk_text(local) + "+32\"");
  }
  const std::optional<std::int64_t> seconds = parse_cclk(command.text(0));
  if (!seconds) return fail(Failure::unknown);
  parts_.board.set_unix_seconds(*seconds);
  return ok();
}

Outcome AtAnswers::report_time(const AtCommand& command) {
  parts_.radio.set_time_report(command.text(0) == "1");
  return ok();
}

// The SIM.

Outcome AtAnswers::pin(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::set) {
    switch (parts_.radio.enter_pin(command.text(0), command.text(1))) {
      using enum Radio::PinAnswer;
      case accepted: return ok();
      case wrong: return fail(Failure::wrong_password);
      case not_asked: return fail(Failure::not_allowed);
    }
  }
  switch (parts_.radio.sim()) {
    using enum Sim;
    case absent: return fail(Failure::no_sim);
    case pin: return ok("+CPIN: SIM PIN");
    case puk: return ok("+CPIN: SIM PUK");
    case dead: return ok("+CPIN: NOT READY");
    case ready: return ok("+CPIN: READY");
  }
  return fail(Failure::unknown);
}

Outcome AtAnswers::tell_iccid(const AtCommand&) {
  if (parts_.radio.sim() == Sim::absent) return fail(Failure::no_sim);
  const std::string& iccid = parts_.settings.identity.iccid;
  return ok(is_lte() ? "+ICCID: " + iccid : iccid);
}

Outcome AtAnswers::tell_imsi(const AtCommand&) {
  return parts_.radio.has_sim() ? ok(parts_.settings.identity.imsi) : sim_failure();
}

Outcome AtAnswers::tell_number(const AtCommand&) {
  if (!parts_.radio.has_sim()) return sim_failure();
  return ok("+CNUM: \"\",\"" + parts_.settings.identity.number + "\",129");
}

Outcome AtAnswers::sim_slot(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::query) return ok("+SIMCROSS: 0");
  return command.number(0) == 0u ? ok() : fail(Failure::no_sim);  // the second holder is empty
}

// The network.

Outcome AtAnswers::function(const AtCommand& command) {
  if (command.kind != AtCommand::Kind::set) {
    return ok(parts_.radio.is_flying() ? "+CFUN: 0" : "+CFUN: 1");
  }
  const std::optional<std::uint32_t> level = command.number(0);
  if (level != 0u && level != 1u && level != 4u) return fail(Failure::unknown);
  line("OK");
  parts_.radio.set_function(level == 1u);
  return Done{};
}

Outcome AtAnswers::registration(const AtCommand& command) {
  const Radio::Report report = command.head == "+CREG"    ? Radio::Report::creg
                               : command.head == "+CGREG" ? Radio::Report::cgreg
                                                          : Radio::Report::cereg;
  if (command.kind == AtCommand::Kind::set) {
    const std::optional<std::uint32_t> level = command.number(0);
    if (!level || *level > 2) return fail(Failure::unknown);
    parts_.radio.set_report(report, static_cast<std::uint8_t>(*level));
    return ok();
  }
  return ok(command.head + ": " + parts_.radio.registration_text(report));
}

Outcome AtAnswers::tell_operator(const AtCommand& command) {
  if (command.kind != AtCommand::Kind::query || !parts_.radio.is_registered()) return ok();
  return ok("+COPS: 0,2,\"" + parts_.settings.identity.operator_code + (is_lte() ? "\",7" : "\""));
}

Outcome AtAnswers::tell_signal(const AtCommand&) {
  return ok(text_of(is_lte() ? "+CSQ: %u,99" : "+CSQ: %u,0", parts_.radio.signal()));
}

Outcome AtAnswers::tell_extended_signal(const AtCommand&) {
  const int csq = parts_.radio.signal();
  // Received power in steps of 1 dB from -140 dBm; 25 of CSQ is 55, and each step of it 2 dB.
  const int power = csq == 99 ? 255 : std::clamp(55 + 2 * (csq - 25), 0, 97);
  return ok(text_of("+CESQ: 99,99,255,255,%d,%d", csq == 99 ? 255 : 20, power));
}

Outcome AtAnswers::cells_2g(const AtCommand& command) {
  if (command.kind != AtCommand::Kind::query) return ok();
  line("+CENG:1,1");
  if (!parts_.radio.is_registered()) return ok();
  const unsigned csq = parts_.radio.signal();
  const unsigned weaker = csq == 99 ? 0 : csq * 2 / 3;
  const std::string& code = parts_.settings.identity.operator_code;
  const std::string country = code.substr(0, 3);
  const int network = std::atoi(code.substr(std::min<std::size_t>(3, code.size())).c_str());
  line(text_of("+CENG:0,\"573,%u,99,%s,%d,13,%u,10,0,%u,255\"", csq, country.c_str(), network,
               parts_.radio.cell(), parts_.radio.area()));
  line(text_of("+CENG:1,\"579,%u,%s,%d,5,%u,%u\"", weaker, country.c_str(), network,
               parts_.radio.cell() - 1, parts_.radio.area()));
  return ok();
}

Outcome AtAnswers::cells_4g(const AtCommand&) {
  if (!parts_.radio.is_registered()) return ok();
  const unsigned csq = parts_.radio.signal();
  const unsigned level = csq == 99 ? 0 : csq * 3;
  const std::string& code = parts_.settings.identity.operator_code;
  // The country as the number that its digits make when read as hexadecimal: 460 is 1120.
  const unsigned country =
      static_cast<unsigned>(std::strtoul(code.substr(0, 3).c_str(), nullptr, 16));
  const int network = std::atoi(code.substr(std::min<std::size_t>(3, code.size())).c_str());
  line(text_of("+EEMLTESVC:%u, 2, %d, %u, 411, 1650, 19650, 5, 4, %u, 68, 0, 34, 25, %u, 0, 0",
               country, network, parts_.radio.area(), parts_.radio.cell(), level));
  line(text_of("+EEMLTEINTRA: 0, 98, 39148, %u, 21, %u, %d, %u, %u", level * 2 / 3, country,
               network, parts_.radio.area(), parts_.radio.cell() + 256));
  return ok();
}

Outcome AtAnswers::tell_band(const AtCommand& command) {
  return command.kind == AtCommand::Kind::query ? ok("*BAND: 5,0,0,482,149,2,2,0") : ok();
}

// The bearer.

Outcome AtAnswers::attachment(const AtCommand& command) {
  if (command.kind != AtCommand::Kind::set) {
    return ok(parts_.radio.is_attached() ? "+CGATT: 1" : "+CGATT: 0");
  }
  line("OK");
  parts_.radio.set_attached(command.text(0) == "1");
  return Done{};
}

Outcome AtAnswers::contexts(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::set) {
    if (command.text(2).size() > apn_bytes) return fail(Failure::too_long);
    if (command.number(0) == 1u) modes_.apn = command.text(2);
    return ok();
  }
  // Only a context that owns an address: the library takes one without as a reason to ask for ever.
  if (!parts_.radio.has_address()) return ok();
  return ok("+CGDCONT: 1,\"IP\",\"" + (modes_.apn.empty() ? "CMIOT" : modes_.apn) + "\",\"" +
            parts_.settings.identity.address + "\",0,0");
}

Outcome AtAnswers::context_activation(const AtCommand& command) {
  if (command.kind != AtCommand::Kind::query) return ok();
  return ok(parts_.radio.has_address() ? "+CGACT: 1,1" : "+CGACT: 1,0");
}

Outcome AtAnswers::network_apn(const AtCommand& command) {
  if (command.text(1).size() > apn_bytes) return fail(Failure::too_long);
  modes_.apn = command.text(1);
  return ok();
}

}  // namespace moonwire::modem
