// The 2G profile's commands about its bearer and its sockets.
#include <optional>
#include <utility>

#include "modem/at_answers.h"
#include "modem/limits.h"

namespace moonwire::modem {
namespace {

std::string_view name_of(Bearer bearer, bool any_socket) {
  switch (bearer) {
    using enum Bearer;
    case initial: return "IP INITIAL";
    case start: return "IP START";
    case config: return "IP CONFIG";
    case gprs_active: return "IP GPRSACT";
    case status: return any_socket ? "IP PROCESSING" : "IP STATUS";
    case deactivated: return "PDP DEACT";
  }
  return "";
}

/// The id in the first parameter of AT+CIP... and AT+SSL...; nothing when it is none.
std::optional<SocketId> id_of(const AtCommand& command, std::size_t index = 0) {
  const std::optional<std::uint32_t> number = command.number(index);
  if (!number || *number >= at_sockets) return std::nullopt;
  return command.head.starts_with("+SSL") ? AtSockets::ssl_id(*number)
                                          : static_cast<SocketId>(*number);
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  AtCommand port;
  port.parameters.emplace_back(text);
  const std::optional<std::uint32_t> number = port.number(0);
  if (!number || *number == 0 || *number > 0xffff) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::string ssl_said(SocketId id, std::string_view words) {
  return std::string("SSL&") + static_cast<char>('0' + id % at_sockets) + std::string(words);
}

}  // namespace

Outcome AtAnswers::many_sockets(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::query) return ok(modes_.many ? "+CIPMUX: 1" : "+CIPMUX: 0");
  modes_.many = command.text(0) == "1";
  return ok();
}

Outcome AtAnswers::quick_send(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::query) {
    return ok(modes_.quick ? "+CIPQSEND: 1" : "+CIPQSEND: 0");
  }
  modes_.quick = command.text(0) == "1";
  return ok();
}

Outcome AtAnswers::activation_mode(const AtCommand& command) {
  modes_.async_activation = command.text(0) == "2";
  return ok();
}

Outcome AtAnswers::dns(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::set) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (command.text(i).size() > host_name_bytes) return fail(Failure::too_long);
      modes_.dns[i] = command.text(i);
    }
    return ok();
  }
  line("PrimaryDns: " + (modes_.dns[0].empty() ? "10.12.0.1" : modes_.dns[0]));
  return ok("SecondaryDns: " + (modes_.dns[1].empty() ? "0.0.0.0" : modes_.dns[1]));
}

Outcome AtAnswers::status(const AtCommand&) {
  // As the real one: the state comes behind the OK.
  line("OK");
  line(std::string("STATE: ") + std::string(name_of(parts_.radio.bearer(), parts_.sockets.any())));
  for (const SocketState& socket : parts_.sockets.state()) {
    if (AtSockets::is_ssl(socket.id)) continue;
    const std::size_t colon = socket.peer.rfind(':');
    line(
        "C: " + std::to_string(socket.id) + ",0,\"" +
        (socket.protocol == Protocol::udp ? "UDP" : "TCP") + "\",\"" +
        socket.peer.substr(0, colon) + "\",\"" + socket.peer.substr(colon + 1) +
        (socket.stage == SocketState::Stage::connected ? "\",\"CONNECTED\"" : "\",\"CONNECTING\""));
  }
  return Done{};
}

Outcome AtAnswers::start_task(const AtCommand& command) {
  if (command.kind == AtCommand::Kind::query) return ok("+CSTT: \"" + modes_.apn + "\",\"\",\"\"");
  if (command.text(0).size() > apn_bytes) return fail(Failure::too_long);
  if (!parts_.radio.start_task()) return fail(Failure::not_allowed);
  modes_.apn = command.text(0);
  return ok();
}

Outcome AtAnswers::activate(const AtCommand&) {
  const bool is_under_way = parts_.radio.is_activating();
  if (!is_under_way && !parts_.radio.begin_activation()) return fail(Failure::not_allowed);
  if (!modes_.async_activation) return Activating{};
  return ok();
}

void AtAnswers::finish_activation() {
  if (parts_.radio.bearer() == Bearer::gprs_active) {
    ok();
  } else {
    fail(Failure::unknown);
  }
}

Outcome AtAnswers::tell_address(const AtCommand&) {
  const std::optional<std::string> address = parts_.radio.take_address();
  if (!address) return fail(Failure::not_allowed);
  line(*address);  // and no OK: it would end the next command
  return Done{};
}

Outcome AtAnswers::shut(const AtCommand&) {
  parts_.sockets.close_all();
  parts_.radio.shut();
  line("SHUT OK");
  return Done{};
}

// AT+CIPSTART=7,"TCP","host",80
Outcome AtAnswers::open_socket(const AtCommand& command) {
  const std::optional<SocketId> id = id_of(command);
  const std::optional<std::uint16_t> port = port_of(command.text(3));
  const bool is_udp = command.text(1) == "UDP";
  if (!id || !port || (!is_udp && command.text(1) != "TCP")) return fail(Failure::unknown);
  if (command.text(2).empty() || command.text(2).size() > host_name_bytes) {
    return fail(Failure::too_long);
  }
  if (!modes_.many || !parts_.radio.has_address() || !parts_.sockets.is_free(*id)) {
    return fail(Failure::not_allowed);
  }
  line("OK");
  parts_.sockets.create(
      *id, {is_udp ? Protocol::udp : Protocol::tcp, std::string(command.text(2)), *port, false});
  parts_.sockets.connect(*id);
  return Done{};
}

// AT+CIPSEND=7,10 and AT+SSLSEND=7,10
Outcome AtAnswers::ask_for_bytes(const AtCommand& command) {
  const std::optional<SocketId> id = id_of(command);
  const std::optional<std::uint32_t> length = command.number(1);
  if (!id || !length || *length == 0 || *length > at_send_bytes) return fail(Failure::unknown);
  if (!parts_.sockets.is_connected(*id)) return fail(Failure::not_allowed);
  parts_.channel.prompt();
  return WantsBytes{*length};
}

Outcome AtAnswers::finish_with(const AtCommand& command, std::string bytes) {
  if (command.head == "+SSLCERT") return ok();  // nothing here checks certificates: read, forgotten
  const SocketId id = *id_of(command);
  if (command.head == "+CIPSEND" && !parts_.radio.has_address()) {
    line("+PDP: DEACT");  // lost between the prompt and the bytes
    return Done{};
  }
  if (!modes_.quick || AtSockets::is_ssl(id)) {
    parts_.sockets.begin_send(id, std::move(bytes));
    return Sending{};
  }
  if (!parts_.sockets.send_quickly(id, bytes)) return fail(Failure::not_allowed);
  line("DATA ACCEPT:" + std::string(command.text(0)) + ',' + std::to_string(bytes.size()));
  return Done{};
}

Outcome AtAnswers::close_socket(const AtCommand& command) {
  const std::optional<SocketId> id = id_of(command);
  if (!id || parts_.sockets.is_free(*id)) return fail(Failure::not_allowed);
  parts_.sockets.close(*id);
  line(std::to_string(*id) + ", CLOSE OK");
  return Done{};
}

// SSL.

Outcome AtAnswers::ssl_certificate(const AtCommand& command) {
  if (command.number(0) == 1u) return id_of(command, 1) ? ok() : fail(Failure::unknown);
  const std::optional<std::uint32_t> length = command.number(4);
  if (command.number(0) != 0u || !length || *length == 0) return fail(Failure::unknown);
  if (*length > certificate_bytes_max) return fail(Failure::too_long);
  parts_.channel.prompt();
  return WantsBytes{*length};
}

// AT+SSLCREATE=0,"host:443",1
Outcome AtAnswers::ssl_create(const AtCommand& command) {
  const std::optional<SocketId> id = id_of(command);
  const std::string_view peer = command.text(1);
  const std::size_t colon = peer.rfind(':');
  if (!id || colon == std::string_view::npos) return fail(Failure::unknown);
  const std::optional<std::uint16_t> port = port_of(peer.substr(colon + 1));
  if (!port || colon == 0 || colon > host_name_bytes || !parts_.sockets.is_free(*id)) {
    line(ssl_said(*id, ",CREATE ERROR: 1"));
    return Done{};
  }
  parts_.sockets.create(
      *id, {Protocol::ssl, std::string(peer.substr(0, colon)), *port, command.text(2) == "0"});
  line(ssl_said(*id, ",CREATE OK"));
  return Done{};
}

Outcome AtAnswers::ssl_connect(const AtCommand& command) {
  const std::optional<SocketId> id = id_of(command);
  if (!id || !parts_.sockets.is_created(*id) || !parts_.radio.has_address()) {
    return fail(Failure::not_allowed);
  }
  line("OK");
  parts_.sockets.connect(*id);
  return Done{};
}

Outcome AtAnswers::ssl_destroy(const AtCommand& command) {
  const std::optional<SocketId> id = id_of(command);
  if (!id || parts_.sockets.is_free(*id)) return fail(Failure::not_allowed);
  parts_.sockets.close(*id);
  line(ssl_said(*id, ",DESTROY OK"));
  return Done{};
}

}  // namespace moonwire::modem
