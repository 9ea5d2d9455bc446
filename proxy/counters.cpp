// Names, kinds and help lines of the counters.
#include "proxy/counters.h"

#include <array>
#include <string_view>

namespace moonwire::proxy {
namespace {

struct Line {
  std::string_view name;
  std::string_view labels;
  std::string_view kind;
  std::string_view help;
  std::uint64_t Counters::*value;
};

constexpr std::array lines{
    Line{"connections_open", "", "gauge", "Open client sockets.", &Counters::connections_open},
    Line{"connections_total", "", "counter", "Accepted client sockets.",
         &Counters::connections_total},
    Line{"connections_refused_total", "", "counter", "Client sockets closed over a limit.",
         &Counters::connections_refused},
    Line{"requests_total", "", "counter", "HTTP requests.", &Counters::requests_total},
    Line{"refusals_total", "{check=\"host\"}", "counter", "Requests refused at the gate.",
         &Counters::refusals_host},
    Line{"refusals_total", "{check=\"origin\"}", "", "", &Counters::refusals_origin},
    Line{"refusals_total", "{check=\"token\"}", "", "", &Counters::refusals_token},
    Line{"refusals_total", "{check=\"password\"}", "", "", &Counters::refusals_password},
    Line{"sessions_open", "", "gauge", "Open tunnels.", &Counters::sessions_open},
    Line{"sessions_total", "", "counter", "Tunnels opened.", &Counters::sessions_total},
    Line{"sessions_malformed_total", "", "counter", "Tunnels ended for what the client sent.",
         &Counters::sessions_malformed},
    Line{"sessions_silent_total", "", "counter", "Tunnels ended because the client was silent.",
         &Counters::sessions_silent},
    Line{"sessions_held_total", "", "counter", "Times a tunnel was held by a rate in bytes.",
         &Counters::sessions_held},
    Line{"relays_open", "", "gauge", "Open raw relays (websockify, wsproxy).",
         &Counters::relays_open},
    Line{"relays_total", "", "counter", "Raw relays opened.", &Counters::relays_total},
    Line{"streams_open", "", "gauge", "Streams, listeners and datagram sockets.",
         &Counters::streams_open},
    Line{"streams_total", "", "counter", "Streams opened.", &Counters::streams_total},
    Line{"streams_denied_total", "", "counter", "Streams that a rule forbade.",
         &Counters::streams_denied},
    Line{"streams_failed_total", "", "counter", "Streams that could not be connected.",
         &Counters::streams_failed},
    Line{"streams_limited_total", "", "counter", "Streams refused or ended over a limit.",
         &Counters::streams_limited},
    Line{"bytes_total", "{direction=\"up\"}", "counter",
         "Payload bytes from (up) and to (down) tabs.", &Counters::bytes_up},
    Line{"bytes_total", "{direction=\"down\"}", "", "", &Counters::bytes_down},
    Line{"datagrams_total", "{direction=\"up\"}", "counter",
         "Datagrams from (up) and to (down) tabs.", &Counters::datagrams_up},
    Line{"datagrams_total", "{direction=\"down\"}", "", "", &Counters::datagrams_down},
    Line{"datagrams_dropped_total", "", "counter",
         "Datagrams dropped for want of room or by a rule.", &Counters::datagrams_dropped},
    Line{"datagrams_limited_total", "", "counter", "Datagrams dropped over a rate.",
         &Counters::datagrams_limited},
    Line{"packets_ignored_total", "", "counter", "Packets of unknown types or streams.",
         &Counters::packets_ignored},
    Line{"names_resolved_total", "", "counter", "Names resolved.", &Counters::names_resolved},
    Line{"names_failed_total", "", "counter", "Names that did not resolve.",
         &Counters::names_failed},
    Line{"lingering_bytes", "", "gauge", "Bytes of closed streams still on their way out.",
         &Counters::lingering_bytes},
    Line{"outbox_blocks", "", "gauge", "Blocks of 64 KiB lent to sessions.",
         &Counters::blocks_borrowed},
};

}  // namespace

std::string to_prometheus(const Counters& counters) {
  std::string text;
  for (const Line& line : lines) {
    const std::string name = "moonwire_" + std::string{line.name};
    if (!line.kind.empty()) {
      text += "# HELP " + name + " " + std::string{line.help} + "\n# TYPE " + name + " " +
              std::string{line.kind} + "\n";
    }
    text += name + std::string{line.labels} + " " + std::to_string(counters.*line.value) + "\n";
  }
  return text;
}

}  // namespace moonwire::proxy
