#include "edge/module_report.h"

#include <cstdio>
#include <string_view>

namespace moonwire::edge {
namespace {

constexpr std::int64_t micros_per_millisecond = 1000;

/// Appends one JSON object or array; commas come by themselves.
class Json {
 public:
  explicit Json(std::string& text, char open) : text_(text), close_(open == '{' ? '}' : ']') {
    text_ += open;
  }
  ~Json() { text_ += close_; }
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;

  Json object(const char* key) { return Json(begin(key), '{'); }
  Json object() { return Json(begin(), '{'); }
  Json array(const char* key) { return Json(begin(key), '['); }

  void number(const char* key, std::int64_t value) { begin(key) += std::to_string(value); }
  void truth(const char* key, bool value) { begin(key) += value ? "true" : "false"; }
  void null(const char* key) { begin(key) += "null"; }
  void text(const char* key, std::string_view value) { quote(begin(key), value); }

 private:
  std::string& begin() {
    if (!is_first_) text_ += ',';
    is_first_ = false;
    return text_;
  }
  std::string& begin(const char* key) {
    quote(begin(), key);
    return text_ += ':';
  }
  // What is no plain ASCII is written as \xHH, for people.
  static void quote(std::string& into, std::string_view value) {
    into += '"';
    for (const char letter : value) {
      const auto byte = static_cast<unsigned char>(letter);
      if (letter == '"' || letter == '\\') {
        into += '\\';
        into += letter;
      } else if (byte >= 0x20 && byte < 0x7f) {
        into += letter;
      } else {
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, "\\\\x%02X", byte);
        into += escaped;
      }
    }
    into += '"';
  }

  std::string& text_;
  const char close_;
  bool is_first_ = true;
};

const char* word(modem::Profile profile) {
  return profile == modem::Profile::air202 ? "air202" : "air724u";
}
const char* word(modem::Sim sim) {
  constexpr const char* words[] = {"absent", "pin", "puk", "ready", "dead"};
  return words[std::size_t(sim)];
}
const char* word(modem::Registration registration) {
  constexpr const char* words[] = {"off", "searching", "registered", "denied"};
  return words[std::size_t(registration)];
}
const char* word(module::PinDirection direction) {
  constexpr const char* words[] = {"in", "out", "interrupt"};
  return words[std::size_t(direction)];
}
const char* word(module::Pull pull) {
  constexpr const char* words[] = {"none", "up", "down"};
  return words[std::size_t(pull)];
}
const char* word(modem::Protocol protocol) {
  constexpr const char* words[] = {"tcp", "udp", "ssl"};
  return words[std::size_t(protocol)];
}
const char* word(modem::SocketState::Stage stage) {
  constexpr const char* words[] = {"connecting", "open", "closed"};
  return words[std::size_t(stage)];
}

std::string hexadecimal(std::uint32_t value) {
  char text[9];
  std::snprintf(text, sizeof text, "%x", static_cast<unsigned>(value));
  return text;
}

void add_modem(Json& json, const modem::State& modem) {
  json.text("profile", word(modem.profile));
  json.text("imei", modem.imei);
  json.text("iccid", modem.iccid);
  json.text("imsi", modem.imsi);
  json.text("operator", modem.operator_name);
  json.text("sim", word(modem.sim));
  json.number("pinTriesLeft", modem.pin_tries_left);
  json.text("registration", word(modem.registration));
  if (modem.generation) {
    json.text("accessTechnology", *modem.generation == 2 ? "2G" : "4G");
    json.text("lac", hexadecimal(modem.area));
    json.text("cell", hexadecimal(modem.cell));
  } else {
    json.null("accessTechnology");
    json.text("lac", "");
    json.text("cell", "");
  }
  json.number("csq", modem.signal);
  json.truth("flyMode", modem.fly_mode);
  json.truth("attached", modem.attached);
  if (modem.address) {
    json.text("address", *modem.address);
  } else {
    json.null("address");
  }
  const bool is_2g = modem.profile == modem::Profile::air202;
  json.text("netLampPin", is_2g ? "P1_1" : "P2_0");
  if (is_2g) {
    json.null("lteLampPin");
  } else {
    json.text("lteLampPin", "P2_1");
  }
}

void add_sockets(Json& json, const module::State& state) {
  Json sockets = json.array("sockets");
  for (const modem::SocketState& one : state.modem.sockets) {
    Json socket = sockets.object();
    constexpr int ssl_ids = 8;
    socket.text("id", std::to_string(one.id % ssl_ids));
    socket.text("protocol", word(one.protocol));
    socket.text("peer", one.peer);
    socket.text("state", word(one.stage));
    socket.number("sent", std::int64_t(one.sent));
    socket.number("received", std::int64_t(one.received));
    socket.number("unread", std::int64_t(one.unread));
  }
  for (const module::SlotState& one : state.slots) {
    Json socket = sockets.object();
    socket.text("id", std::to_string(one.index));
    socket.text("protocol", one.kind == module::SlotKind::udp   ? "udp"
                            : one.kind == module::SlotKind::ssl ? "ssl"
                                                                : "tcp");
    socket.text("peer", one.peer);
    socket.text("state", one.is_connecting ? "connecting" : one.is_open ? "open" : "closed");
    socket.number("sent", std::int64_t(one.sent));
    socket.number("received", std::int64_t(one.received));
    socket.number("unread", std::int64_t(one.unread));
  }
}

void add_hardware(Json& json, const module::State& state) {
  {
    Json pins = json.array("pins");
    for (const module::PinState& one : state.pins) {
      Json pin = pins.object();
      pin.text("name", module::Pins::name_of(one.code));
      pin.text("direction", word(one.direction));
      pin.number("level", one.level);
      pin.text("pull", word(one.pull));
    }
  }
  {
    Json channels = json.array("adc");
    for (std::size_t channel = 0; channel < state.adc.size(); ++channel) {
      Json one = channels.object();
      one.number("channel", std::int64_t(channel));
      one.number("millivolts", state.adc[channel]);
    }
  }
  json.number("batteryMillivolts", state.battery);
  {
    Json uarts = json.array("uarts");
    for (const module::UartState& one : state.uarts) {
      Json uart = uarts.object();
      uart.number("port", one.port);
      uart.truth("open", one.is_open);
      uart.number("baud", one.baud);
    }
  }
  Json watchdogs = json.array("watchdog");
  for (const module::WatchdogState& one : state.watchdogs) {
    Json watchdog = watchdogs.object();
    watchdog.text("kind", one.is_external ? "external" : "firmware");
    watchdog.truth("armed", one.is_armed);
    if (one.fed_ago) {
      watchdog.number("fedMsAgo", *one.fed_ago / micros_per_millisecond);
    } else {
      watchdog.null("fedMsAgo");
    }
    watchdog.number("resets", std::int64_t(one.resets));
  }
}

}  // namespace

std::string report(const module::State& state) {
  std::string text;
  {
    Json json(text, '{');
    if (state.pid != 0) {
      json.number("pid", state.pid);
    } else {
      json.null("pid");
    }
    json.text("power", state.pid != 0 ? "on" : "off");
    if (state.reason) {
      json.number("powerOnReason", std::int64_t(*state.reason));
    } else {
      json.null("powerOnReason");
    }
    json.text("coreVersion", state.core_version);
    add_modem(json, state.modem);
    add_hardware(json, state);
    add_sockets(json, state);
    json.number("memoryBytes", std::int64_t(state.memory_bytes));
    json.number("memoryLimitBytes", std::int64_t(state.memory_limit_bytes));
    json.number("tickMs", state.on_for / micros_per_millisecond);
    json.number("unixSeconds", state.unix_seconds);
  }
  return text;
}

std::string report(const modem::Trace& trace) {
  std::string text;
  {
    Json json(text, '{');
    {
      Json records = json.array("records");
      for (const modem::AtRecord& one : trace.records) {
        Json record = records.object();
        record.number("serial", std::int64_t(one.serial));
        record.number("time", one.at);
        record.text("direction", one.direction == modem::AtRecord::Direction::to_modem
                                     ? "to-modem"
                                     : "from-modem");
        record.text("text", one.text);
      }
    }
    json.number("lost", std::int64_t(trace.lost));
  }
  return text;
}

}  // namespace moonwire::edge
