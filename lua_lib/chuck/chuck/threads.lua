--- cthread, process and daemon: what the machine's processes can start, send and end.
local core = require("chuck.core")

local cthread = {}

-- As upstream, a handle is a plain table that may be copied: {identity, identity}.
local function handle_of(pid)
  return { pid, pid }
end

--- Starts a script as a thread: its own Lua state, the same sockets by number.
function cthread.new(file)
  local pid, why = core.spawn(file, true)
  if not pid then
    print(why)
    return nil
  end
  return handle_of(pid)
end

function cthread.join(handle)
  core.join(handle[1])
end

--- Sends a copy of a table. Waits while the receiver's mailbox is full.
-- @return true, or nothing when the receiver is gone
function cthread.sendmail(handle, mail)
  if type(mail) ~= "table" then error("sendmail: the mail should be a table", 2) end
  if core.send_mail(handle[1], mail) then return true end
end

local mailbox

--- Has mails delivered to callback(sender, mail) by the engine; once in a thread's life.
function cthread.process_mail(engine, callback)
  if mailbox then return end
  mailbox = core.receive_mails(engine, function(pid, mail)
    callback(handle_of(pid), mail)
  end)
  return true
end

cthread.selftid = core.own_pid

function cthread.tid(handle)
  return handle[1]
end

function cthread.findbytid(tid)
  if core.is_alive(tid) then return handle_of(tid) end
end

--- Sends a copy of a table to every other thread of the program.
function cthread.broadcast(mail)
  local own = core.own_pid()
  for _, pid in ipairs(core.threads()) do
    if pid ~= own then core.send_mail(pid, mail) end
  end
end

local process = {}

--- Starts a script as a process of its own: an interpreter's name before it is passed over.
-- @return 0 and the pid, or -1 and why not
function process.fork(program, ...)
  local arguments = { program, ... }
  for index, argument in ipairs(arguments) do
    if type(argument) ~= "string" then
      error("fork: argument " .. index .. " should be a string", 2)
    end
  end
  local name = program:match("[^/]*$")
  if name:find("^lua[%d.]*$") or name:find("^luajit") then table.remove(arguments, 1) end
  local script = table.remove(arguments, 1)
  if not script then return -1, "no script to run" end
  local pid, why = core.spawn(script, false, table.unpack(arguments))
  if not pid then return -1, why end
  return 0, pid
end

function process.kill(pid, number)
  return core.kill(pid, number) and 0 or -1
end

local daemon = {}

--- The machine's files have one root, the project: there is nowhere to go.
function daemon.set_workdir() end

--- Lets the console go; the process ends with its console's others on Stop.
function daemon.daemonize()
  core.leave_console()
end

return { cthread = cthread, process = process, daemon = daemon }
