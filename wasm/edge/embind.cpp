// The machine as JavaScript sees it: one class, Machine. It converts and calls; what the calls mean
// is in kernel/machine.h. Bytes come in through the inbox: JavaScript asks for room, fills the
// view, and names how many bytes it put there.

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bundle.h"
#include "bindings/dialects.h"
#include "bindings/luat/bench.h"
#include "bindings/luat/library.h"
#include "edge/host_calls.h"
#include "edge/limits.h"
#include "edge/module_calls.h"
#include "edge/script_host.h"
#include "kernel/machine.h"
#include "lua.h"

namespace moonwire::edge {
namespace {

using emscripten::val;

/// How JavaScript says "never".
constexpr double infinity = std::numeric_limits<double>::infinity();

const char* phase_name(net::TunnelPhase phase) {
  switch (phase) {
    using enum net::TunnelPhase;
    case off: return "off";
    case connecting: return "connecting";
    case open: return "open";
    case waiting: return "waiting";
    case blocked: return "blocked";
  }
  return "off";
}

const char* kind_name(net::WireKind kind) {
  switch (kind) {
    using enum net::WireKind;
    case connect: return "connect";
    case accept: return "accept";
    case data: return "data";
    case fin: return "fin";
    case rst: return "rst";
    case datagram: return "datagram";
    case resolve: return "resolve";
  }
  return "data";
}

const char* door_kind(const net::Door& door) {
  if (door.address.family == net::Family::path) return "unix";
  return door.type == net::SocketType::stream ? "tcp" : "udp";
}

std::optional<kernel::Dialect> dialect_named(std::string_view name) {
  if (name == "luasocket") return kernel::Dialect::luasocket;
  if (name == "luat") return kernel::Dialect::luat;
  if (name == "chuck") return kernel::Dialect::chuck;
  return std::nullopt;
}

val view_of(std::span<const std::byte> bytes) {
  return val(emscripten::typed_memory_view(bytes.size(),
                                           reinterpret_cast<const unsigned char*>(bytes.data())));
}

val view_of(std::string_view bytes) {
  return view_of(std::as_bytes(std::span<const char>(bytes.data(), bytes.size())));
}

/// What the host has at a path that the machine's own files lack.
kernel::SourceEntry ask_host(std::uint32_t host, const std::string& path) {
  using enum kernel::SourceEntry::Kind;
  constexpr kernel::SourceEntry::Kind kinds[] = {nothing, file, read_only_file, folder};
  std::size_t size = 0;
  kernel::SourceEntry entry{kinds[moonwire_find_file(host, path.data(), path.size(), &size)], {}};
  if (entry.kind == file || entry.kind == read_only_file) {
    entry.bytes.resize(size);
    moonwire_take_file(host, entry.bytes.data());
  }
  return entry;
}

/// Sets a field of the options object's into a limit, if it is there.
void read_limit(const val& options, const char* name, std::size_t& limit) {
  const val given = options[name];
  if (given.isNumber()) limit = static_cast<std::size_t>(given.as<double>());
}

kernel::Machine::Options machine_options(const val& options) {
  kernel::Machine::Options made;
  made.open_libraries = bindings::open_libraries;
  if (options["preemption"].isFalse()) made.preemption = false;
  read_limit(options, "processMemoryBytes", made.limits.process_memory_bytes);
  read_limit(options, "machineMemoryBytes", made.limits.machine_memory_bytes);
  read_limit(options, "processes", made.limits.processes);
  read_limit(options, "outputBurstBytes", made.limits.output_burst_bytes);
  read_limit(options, "fileSystemBytes", made.limits.file_system_bytes);
  read_limit(options, "fileBytes", made.limits.file_bytes);
  return made;
}

class Machine final {
 public:
  /// `host` is the index in Module.hosts; `options` may hold limits by name, and `preemption:
  /// false`.
  Machine(std::uint32_t host, const val& options)
      : host_(host), machine_(host_, machine_options(options)) {
    bindings::install_bundle(machine_.files());
    if (moonwire_has_files(host)) {
      machine_.files().set_source([host](const std::string& path) { return ask_host(host, path); });
    }
  }

  /// Room for `size` bytes, to be filled before the next call; null when there is not that much.
  val inbox(std::size_t size) {
    if (size > inbox_bytes_max) return val::null();
    inbox_.resize(size);
    return val(
        emscripten::typed_memory_view(size, reinterpret_cast<unsigned char*>(inbox_.data())));
  }

  /// `options` is machine.ts's SpawnOptions. @return the pid, or 0: refusal() says why.
  kernel::Pid spawn(const val& options) {
    const auto dialect = options["dialect"].as<std::string>();
    const auto named = dialect_named(dialect);
    if (!named) {
      refusal_ = "there is no dialect called " + dialect;
      return 0;
    }
    if (!bindings::has_dialect(*named)) {
      refusal_ = "this machine was built without the dialect " + dialect;
      return 0;
    }
    return machine_
        .spawn(
            {.path = options["path"].as<std::string>(),
             .args = emscripten::vecFromJSArray<std::string>(options["args"]),
             .dialect = *named,
             .library_folders = emscripten::vecFromJSArray<std::string>(options["libraryFolders"]),
             .lua51 = options["lua51"].as<bool>(),
             .debug = options["debug"].as<bool>()},
            refusal_)
        .value_or(0);
  }
  std::string refusal() const { return refusal_; }
  void stop(kernel::Pid pid) { machine_.stop(pid); }

  bool type(kernel::Pid pid) {
    const bool taken = machine_.type(pid, inbox_);
    empty_inbox();
    return taken;
  }
  void end_input(kernel::Pid pid) { machine_.end_input(pid); }
  void acknowledge_output(kernel::Pid pid, std::size_t bytes) {
    machine_.acknowledge_output(pid, bytes);
  }

  /// @return whether a process could go on at once.
  bool run(double budget) {
    const auto turn = machine_.run(static_cast<kernel::Micros>(budget));
    next_deadline_ = turn.next_deadline == kernel::Wait::never
                         ? infinity
                         : static_cast<double>(turn.next_deadline);
    return turn.has_more;
  }
  /// After run: when the next timer is due, on the steady clock; infinity if none.
  double next_deadline() const { return next_deadline_; }

  /// Compiles the inbox. @return null, or {line, message}.
  val check(const std::string& chunk_name) {
    const auto error = machine_.check(chunk_name, inbox_);
    empty_inbox();
    if (!error) return val::null();
    val told = val::object();
    told.set("line", error->line);
    told.set("message", error->message);
    return told;
  }

  /// Makes or replaces a file with the inbox. @return "", or C's words for why not.
  std::string put_file(const std::string& path, bool read_only) {
    const auto error = machine_.files().put(path, std::exchange(inbox_, {}), read_only);
    return error == kernel::FileError::none ? "" : kernel::error_text(error);
  }
  /// @return a view of the file's bytes, good until the next call, or null.
  val read_file(const std::string& path) {
    const auto file = machine_.files().find(path);
    return file ? view_of(file->bytes) : val::null();
  }
  void remove_file(const std::string& path) { machine_.files().remove(path); }
  val list_files(const std::string& folder) { return val::array(machine_.files().list(folder)); }
  val take_changed_files() { return val::array(machine_.files().take_changed()); }

  void uplink_opened(net::PipeId pipe, const std::string& protocol) {
    pipes().on_pipe_open(pipe, protocol);
  }
  void uplink_message(net::PipeId pipe) {
    pipes().on_pipe_message(pipe,
                            std::as_bytes(std::span<const char>(inbox_.data(), inbox_.size())));
    empty_inbox();
  }
  void uplink_drained(net::PipeId pipe) { pipes().on_pipe_drained(pipe); }
  void uplink_closed(net::PipeId pipe, int code, const std::string& reason) {
    pipes().on_pipe_closed(pipe, static_cast<std::uint16_t>(code), reason);
  }

  void set_tunnel(const std::string& url) { machine_.network().set_tunnel(url); }
  val tunnel_status() {
    const auto status = machine_.network().tunnel_status();
    val told = val::object();
    told.set("phase", val(phase_name(status.phase)));
    told.set("url", status.url);
    told.set("version", status.version);
    told.set("sockets", status.has_sockets);
    told.set("why", status.why);
    told.set("retryAt", static_cast<double>(status.retry_at));
    return told;
  }
  val doors() {
    val told = val::array();
    for (const auto& door : machine_.network().doors()) {
      val one = val::object();
      one.set("pid", door.owner);
      one.set("kind", val(door_kind(door)));
      one.set("address", door.address.host());
      one.set("port", static_cast<int>(door.address.port));
      one.set("published", door.published.empty() ? val::null() : val(door.published));
      told.call<void>("push", one);
    }
    return told;
  }

  bool shut_door(const std::string& kind, const std::string& published) {
    const auto type = kind == "udp" ? net::SocketType::datagram : net::SocketType::stream;
    return machine_.network().shut_door(type, published);
  }

  void watch_wire(bool on) { machine_.network().wire().set_recording(on); }
  /// @return {records, lost}; each record's bytes are a copy.
  val take_wire() {
    std::uint64_t lost = 0;
    val records = val::array();
    for (const auto& record : machine_.network().wire().take(lost)) {
      val one = val::object();
      one.set("serial", static_cast<double>(record.serial));
      one.set("time", static_cast<double>(record.time));
      one.set("pid", record.site.pid);
      one.set("kind", val(kind_name(record.kind)));
      one.set("from", record.from.text());
      one.set("to", record.to.text());
      one.set("size", static_cast<double>(record.size));
      one.set("bytes", view_of(record.sample).call<val>("slice"));
      one.set("file", record.site.file);
      one.set("line", record.site.line);
      records.call<void>("push", one);
    }
    val told = val::object();
    told.set("records", records);
    told.set("lost", static_cast<double>(lost));
    return told;
  }

  val census() {
    const auto count = machine_.census();
    val told = val::object();
    told.set("processes", static_cast<double>(count.processes));
    told.set("sockets", static_cast<double>(count.sockets));
    told.set("timers", static_cast<double>(count.timers));
    told.set("parked", static_cast<double>(count.parked));
    told.set("memoryBytes", static_cast<double>(count.memory_bytes));
    told.set("lookups", static_cast<double>(count.network.lookups));
    told.set("tunnelStreams", static_cast<double>(count.network.tunnel_streams));
    told.set("bufferedBytes", static_cast<double>(count.network.buffered_bytes));
    return told;
  }

  /// An action on the module, by protocol.ts's name; bytes, if any, are in the inbox. @return false
  /// when it cannot be done now.
  bool module_act(const std::string& what, const std::string& text, double first, double second) {
    const bool is_done = act_on_module(
        machine_, {.what = what, .text = text, .first = first, .second = second, .bytes = inbox_});
    empty_inbox();
    return is_done;
  }
  /// JSON, see edge/module_calls.h.
  std::string module_state() { return edge::module_state(machine_); }
  std::string take_module_at() { return take_module_trace(machine_); }
  /// @return {port, bytes (a copy), lost}, or null when the script wrote nothing to that port.
  val take_module_uart(int port) {
    const UartBytes taken = edge::take_module_uart(machine_, port);
    if (taken.bytes.empty() && taken.lost == 0) return val::null();
    val told = val::object();
    told.set("port", port);
    told.set("bytes", view_of(taken.bytes).call<val>("slice"));
    told.set("lost", static_cast<double>(taken.lost));
    return told;
  }

 private:
  net::UplinkEvents& pipes() { return machine_.network().uplink_events(); }

  // A large file or message must not hold its room for ever.
  void empty_inbox() {
    inbox_.clear();
    if (inbox_.capacity() > inbox_kept_bytes) inbox_.shrink_to_fit();
  }

  ScriptHost host_;
  kernel::Machine machine_;
  std::string inbox_;
  std::string refusal_;
  double next_deadline_ = infinity;
};

}  // namespace

EMSCRIPTEN_BINDINGS(moonwire) {
  emscripten::constant("luaVersion", std::string(LUA_RELEASE));
  emscripten::class_<Machine>("Machine")
      .constructor<std::uint32_t, val>()
      .function("inbox", &Machine::inbox)
      .function("spawn", &Machine::spawn)
      .function("refusal", &Machine::refusal)
      .function("stop", &Machine::stop)
      .function("type", &Machine::type)
      .function("endInput", &Machine::end_input)
      .function("acknowledgeOutput", &Machine::acknowledge_output)
      .function("run", &Machine::run)
      .function("nextDeadline", &Machine::next_deadline)
      .function("check", &Machine::check)
      .function("putFile", &Machine::put_file)
      .function("readFile", &Machine::read_file)
      .function("removeFile", &Machine::remove_file)
      .function("listFiles", &Machine::list_files)
      .function("takeChangedFiles", &Machine::take_changed_files)
      .function("uplinkOpened", &Machine::uplink_opened)
      .function("uplinkMessage", &Machine::uplink_message)
      .function("uplinkDrained", &Machine::uplink_drained)
      .function("uplinkClosed", &Machine::uplink_closed)
      .function("setTunnel", &Machine::set_tunnel)
      .function("tunnelStatus", &Machine::tunnel_status)
      .function("doors", &Machine::doors)
      .function("shutDoor", &Machine::shut_door)
      .function("watchWire", &Machine::watch_wire)
      .function("takeWire", &Machine::take_wire)
      .function("census", &Machine::census)
      .function("moduleAct", &Machine::module_act)
      .function("moduleState", &Machine::module_state)
      .function("takeModuleAt", &Machine::take_module_at)
      .function("takeModuleUart", &Machine::take_module_uart);
}

}  // namespace moonwire::edge
