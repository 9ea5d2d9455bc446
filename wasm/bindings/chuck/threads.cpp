// Processes that a script starts. A thread is a process with its own Lua state that shares its
// starter's sockets by number and ends with it; a mail is a table, copied.
#include "bindings/chuck/threads.h"

#include <string>
#include <utility>

#include "bindings/blocking_call.h"
#include "bindings/chuck/codec.h"
#include "bindings/chuck/engine.h"
#include "bindings/chuck/limits.h"
#include "kernel/machine.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

kernel::Pid check_pid(lua_State* state, int index) {
  const lua_Integer pid = luaL_checkinteger(state, index);
  return pid > 0 && pid <= UINT32_MAX ? static_cast<kernel::Pid>(pid) : 0;
}

/// The process whose sockets and end a thread shares.
kernel::Pid owner_of(const kernel::Process& process) {
  const kernel::Pid owner = process.options().thread_of;
  return owner != 0 ? owner : process.pid();
}

/// spawn(file, is_thread, arguments...): the pid, or nil and why.
int spawn(lua_State* state) {
  kernel::Process& process = kernel::process_of(state);
  kernel::SpawnOptions options;
  options.path = luaL_checkstring(state, 1);
  options.dialect = process.dialect();
  options.library_folders = process.options().library_folders;
  options.console = process.console();
  if (lua_toboolean(state, 2) != 0) options.thread_of = owner_of(process);
  for (int index = 3; index <= lua_gettop(state); ++index) {
    options.args.emplace_back(luaL_checkstring(state, index));
  }
  std::string why;
  if (const auto pid = process.machine().spawn(options, why)) {
    lua_pushinteger(state, *pid);
    return 1;
  }
  lua_pushnil(state);
  lua_pushstring(state, why.c_str());
  return 2;
}

int resume_join(lua_State* state, int, lua_KContext) {
  kernel::Process* other = kernel::process_of(state).machine().find(check_pid(state, 1));
  if (other == nullptr || any(other->ending().ready())) return 0;
  return park_on(state, other->ending(), net::Ready::readable, kernel::Wait::never, 0, resume_join,
                 "join");
}

/// join(pid): waits until it has ended.
int join(lua_State* state) {
  return resume_join(state, LUA_OK, 0);
}

int own_pid(lua_State* state) {
  lua_pushinteger(state, kernel::process_of(state).pid());
  return 1;
}

int is_alive(lua_State* state) {
  lua_pushboolean(state, kernel::process_of(state).machine().find(check_pid(state, 1)) != nullptr);
  return 1;
}

/// threads(): the pids of all that share this process's sockets, itself included.
int threads(lua_State* state) {
  kernel::Process& process = kernel::process_of(state);
  const kernel::Pid owner = owner_of(process);
  lua_newtable(state);
  lua_Integer count = 0;
  process.machine().for_each([&](const kernel::Process& other) {
    if (owner_of(other) != owner) return;
    lua_pushinteger(state, other.pid());
    lua_rawseti(state, -2, ++count);
  });
  return 1;
}

// Stack of send_mail: the pid, the table, a buffer with its bytes.
int resume_send(lua_State* state, int, lua_KContext) {
  kernel::Process& process = kernel::process_of(state);
  kernel::Process* other = process.machine().find(check_pid(state, 1));
  if (other == nullptr) return 0;
  if (!other->mailbox().has_room()) {
    return park_on(state, other->mailbox(), net::Ready::writable, kernel::Wait::never, 0,
                   resume_send, "sendmail");
  }
  const Packet& bytes = *find_packet(state, 3, Kind::buffer);
  other->mailbox().put({process.pid(), std::string(bytes.view())});
  lua_pushboolean(state, 1);
  return 1;
}

/// send_mail(pid, table): true, or nothing when there is no such process any more. Waits while its
/// mailbox is full.
int send_mail(lua_State* state) {
  check_pid(state, 1);
  luaL_checktype(state, 2, LUA_TTABLE);
  lua_settop(state, 2);
  Packet& buffer = push_empty_packet(state, Kind::buffer, packet_capacity);
  const std::size_t most = kernel::process_of(state).machine().limits().mailbox_bytes;
  Appender out(state, 3, buffer, most);
  if (const char* why = add_table(state, 2, out, Encoding::mail)) {
    return luaL_error(state, "sendmail: %s", why);
  }
  out.commit();
  return resume_send(state, LUA_OK, 0);
}

/// The mailbox as an engine sees it.
class MailHandle final : public Handle {
 public:
  static constexpr Kind kind = Kind::mailbox;
  static constexpr const char* class_name = "mailbox";

  explicit MailHandle(kernel::Mailbox& mailbox) : mailbox_(mailbox) {}
  void listen() { watch(mailbox_, net::Ready::readable); }
  int push_event(lua_State* state, int self) override {
    kernel::Mail mail;
    while (mailbox_.take(mail)) {
      push_callback(state, self);
      lua_pushinteger(state, mail.sender);
      ByteReader in{mail.bytes};
      if (read_table(state, in, Encoding::mail)) return 2;
      lua_settop(state, self);
    }
    return no_event;
  }

 private:
  kernel::Mailbox& mailbox_;
};

/// receive_mails(engine, callback(pid, table)): the handle.
int receive_mails(lua_State* state) {
  Engine& engine = check<Engine>(state);
  luaL_checktype(state, 2, LUA_TFUNCTION);
  lua_settop(state, 2);
  auto& handle = push_new<MailHandle>(state, 2, kernel::process_of(state).mailbox());
  engine.attach(state, 1, 3, handle);
  lua_pushvalue(state, 2);
  lua_setiuservalue(state, 3, callback_value);
  handle.listen();
  return 1;
}

/// kill(pid, number): whether there is such a process.
int kill_process(lua_State* state) {
  const lua_Integer number = luaL_checkinteger(state, 2);
  kernel::Process& process = kernel::process_of(state);
  const bool is_good = number >= 0 && number <= kernel::signal_max &&
                       process.machine().send_signal(check_pid(state, 1), static_cast<int>(number));
  lua_pushboolean(state, is_good);
  return 1;
}

int leave_console(lua_State* state) {
  kernel::process_of(state).leave_console();
  return 0;
}

constexpr luaL_Reg mail_methods[] = {{"__gc", destroy<MailHandle>}, {nullptr, nullptr}};

constexpr luaL_Reg functions[] = {
    {"spawn", spawn},
    {"join", join},
    {"own_pid", own_pid},
    {"is_alive", is_alive},
    {"threads", threads},
    {"send_mail", send_mail},
    {"receive_mails", receive_mails},
    {"kill", kill_process},
    {"leave_console", leave_console},
    {nullptr, nullptr},
};

}  // namespace

void add_threads(lua_State* state) {
  new_class(state, &class_key<MailHandle>, nullptr, mail_methods);
  luaL_setfuncs(state, functions, 0);
}

}  // namespace moonwire::bindings::chuck
