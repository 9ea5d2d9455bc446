--- chuck: the packages of the first generation (doc/reference.md of 2015) and of the later ones
-- in one
-- table; their names hardly overlap. What is hot is in chuck.core, which the machine brings along.
local core = require("chuck.core")

--- Serves both spellings of a constructor: chuck.acceptor(fd) and chuck.acceptor.acceptor(fd).
local function constructor(name, make)
  return setmetatable({ [name] = make }, {
    __call = function(_, ...)
      return make(...)
    end,
  })
end

local function reg_timer(engine, milliseconds, callback)
  return engine:AddTimer(milliseconds, callback)
end

-- Linux's numbers, whatever machine this is.
local signal = { signaler = core.signaler }
for name, number in pairs({
  SIGHUP = 1,
  SIGINT = 2,
  SIGQUIT = 3,
  SIGILL = 4,
  SIGTRAP = 5,
  SIGABRT = 6,
  SIGIOT = 6,
  SIGBUS = 7,
  SIGFPE = 8,
  SIGKILL = 9,
  SIGUSR1 = 10,
  SIGSEGV = 11,
  SIGUSR2 = 12,
  SIGPIPE = 13,
  SIGALRM = 14,
  SIGTERM = 15,
  SIGCHLD = 17,
  SIGCONT = 18,
  SIGSTOP = 19,
  SIGTSTP = 20,
  SIGTTIN = 21,
  SIGTTOU = 22,
  SIGURG = 23,
  SIGXCPU = 24,
  SIGXFSZ = 25,
  SIGVTALRM = 26,
  SIGPROF = 27,
  SIGWINCH = 28,
  SIGIO = 29,
  SIGSYS = 31,
}) do
  signal[name] = number
end

-- The later event loop's methods that are not hot.
local methods = core.engine_methods
local watchers = setmetatable({}, { __mode = "k" })
methods.RegTimer = methods.AddTimer
methods.End = methods.Stop

function methods:WatchSignal(number, callback)
  local of_loop = watchers[self] or {}
  watchers[self] = of_loop
  local signaler = core.signaler(number)
  if not signaler then
    print("signal " .. tostring(number) .. " is watched already")
    return
  end
  of_loop[number] = signaler
  signaler:Register(self, function()
    callback()
  end)
end

function methods:UnWatchSignal(number)
  local of_loop = watchers[self]
  local signaler = of_loop and of_loop[number]
  if signaler then
    of_loop[number] = nil
    signaler:Remove()
    signaler:Forget()
  end
end

local helper = core.socket_helper

local stream = {
  socket = core.stream_socket,
  listen = core.listen,
  dial = core.dial,
  -- Names between the generations.
  New = core.stream_socket,
  dail = core.dial,
  ip4 = {
    listen = function(loop, ip, port, callback)
      return core.listen(loop, core.addr(helper.AF_INET, ip, port), callback)
    end,
    -- One of upstream's examples gives an address instead.
    dail = function(loop, ip, port, ...)
      if type(ip) ~= "string" then return core.dial(loop, ip, port, ...) end
      return core.dial(loop, core.addr(helper.AF_INET, ip, port), ...)
    end,
  },
}

local ssl = require("chuck.ssl")
stream.listen_ssl = ssl.refuse

local log = require("chuck.log")
local threads = require("chuck.threads")
require("chuck.http_packet")

return {
  -- The first generation.
  packet = core.packet,
  decoder = core.decoder,
  connection = constructor("connection", core.connection),
  connector = constructor("connector", core.connector),
  acceptor = constructor("acceptor", core.acceptor),
  datagram = constructor("datagram", core.datagram),
  engine = constructor("engine", core.engine),
  TimingWheel = constructor("TimingWheel", core.TimingWheel),
  RegTimer = reg_timer,
  RemTimer = function(timer)
    return timer:UnRegister()
  end,
  systick = core.systick,
  socket_helper = helper,
  error = core.error,
  signal = signal,
  log = log,
  redis = require("chuck.redis"),
  cthread = threads.cthread,
  daemon = threads.daemon,
  process = threads.process,
  websocket = require("chuck.websocket"),
  http = require("chuck.http"),
  -- The later ones.
  event_loop = { New = core.event_loop },
  socket = {
    AF_INET = helper.AF_INET,
    AF_INET6 = helper.AF_INET6,
    AF_LOCAL = helper.AF_LOCAL,
    addr = core.addr,
    closefd = helper.close,
    util = { inet_ntop = core.inet_ntop, inet_port = core.inet_port },
    stream = stream,
    datagram = { socket = core.datagram_socket },
  },
  buffer = core.buffer,
  ssl = ssl,
  time = { systick = core.systick, unixtime = os.time },
  base64 = { encode = core.base64_encode, decode = core.base64_decode },
  crypt = { sha1 = core.sha1 },
  coroutine = require("chuck.coroutine"),
}
