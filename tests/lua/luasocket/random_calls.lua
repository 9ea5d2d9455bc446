-- A random sequence of LuaSocket calls on a few sockets of one process, every result printed. The
-- seed decides all of it (arg[1], arg[2] the number of calls), so native Lua and the machine do the
-- same. Calls whose outcome hangs on how fast a kernel is are left out.
local socket = require "socket"
local t = require "show"

local seed = tonumber(arg[1]) or 1
local calls = tonumber(arg[2]) or 60

--- A generator of our own: math.random's differs between builds.
local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n + 1
end

local function pick(list)
  return list[random(#list)]
end

local open = {} -- the objects in play, by number; never reused
local addresses = {} -- port of each object that has been bound

--- Gives the network time to do what it does by itself.
local function breathe()
  socket.select(nil, nil, 0.002)
end

local function chunk()
  local words = { "", "a", "line\n", "two\r\nlines\n", "\r", "\n", "tail", "x\ry\n", "\0nul\n" }
  local parts = {}
  for i = 1, random(4) do
    parts[i] = pick(words)
  end
  if random(12) == 1 then parts[#parts + 1] = ("long "):rep(random(4000)) end
  return table.concat(parts)
end

local patterns = { "*l", "*l", "*a", 0, 1, 3, 10, 5000, "*line", "l", "3", 2.7, -1 }
local options = {
  "keepalive", "reuseaddr", "reuseport", "tcp-nodelay", "linger", "error", "tcp-keepidle",
  "broadcast", "dontroute", "ip-multicast-loop", "ipv6-v6only", "nope",
}

local function add(object)
  open[#open + 1] = object
  object:settimeout(0.01)
  return #open
end

local function describe(...)
  t.show("  ", ...)
end

--- Calls a method of an object; errors are results too.
local function call(n, method, ...)
  local object = open[n]
  local words = {}
  for i = 1, select("#", ...) do
    words[i] = t.word((select(i, ...)))
  end
  print(("%d %s:%s(%s)"):format(n, object.class, method, table.concat(words, ", ")))
  local results = table.pack(pcall(object[method], object, ...))
  if results[1] then
    describe(table.unpack(results, 2, results.n))
  else
    print("   raises " .. tostring(results[2]):gsub("0x%x+", ""))
  end
  breathe()
  return table.unpack(results, 2, results.n)
end

--- Port of an object as a number, or one on which nobody listens.
local dead_port = t.dead_port()
local function port_of(n)
  return addresses[n] or dead_port
end

local function remember(n)
  local _, port = open[n]:getsockname()
  if port and port ~= "0" then addresses[n] = tonumber(port) end
end

local function some(kind)
  local list = {}
  for n, object in ipairs(open) do
    if object.class:find(kind, 1, true) == 1 then list[#list + 1] = n end
  end
  return #list > 0 and pick(list) or nil
end

--- A connected pair, both ends in play.
local function new_pair()
  local listener = socket.bind("127.0.0.1", 0)
  local ip, port = listener:getsockname()
  local a = socket.connect(ip, port)
  local b = listener:accept()
  listener:close()
  print("pair", add(a), add(b))
end

local actions = {
  function() new_pair() end,
  function()
    local maker = pick { "tcp", "tcp4", "udp", "udp4" }
    print("new " .. maker, add(socket[maker]()))
  end,
  function()
    local server = socket.bind("127.0.0.1", 0, random(3))
    local n = add(server)
    remember(n)
    print("listener", n)
  end,
  function()
    local n = some "tcp{master}" or some "udp{unconnected}"
    if not n then return end
    local bind = open[n].class:find("tcp", 1, true) and "bind" or "setsockname"
    call(n, bind, pick { "127.0.0.1", "127.1", "*", "192.0.2.1" }, 0)
    remember(n)
  end,
  function()
    local n = some "tcp{master}"
    if n then call(n, "listen", random(4) - 1) end
  end,
  function()
    local n, server = some "tcp{master}", some "tcp{server}"
    if n then
      print("port of", server)
      local object = open[n]
      local ok, why = object:connect("127.0.0.1", server and port_of(server) or dead_port)
      print("connect", n, ok, why)
      -- The backlog is full: when the kernel knocks again is its own affair.
      if why == "timeout" then object:close() end
      breathe()
    end
  end,
  function()
    local n = some "tcp{server}"
    if not n then return end
    print("accept", n)
    local client, why = open[n]:accept()
    describe(client, why)
    if client then add(client) end
  end,
  function()
    local n = some "tcp{client}"
    if not n then return end
    -- Nagle's algorithm holds a small segment back until the one before is acknowledged: what is
    -- there in the meantime depends on the kernel's timer.
    open[n]:setoption("tcp-nodelay", true)
    local data = chunk()
    if random(4) == 1 then
      call(n, "send", data, random(8) - 3, random(8) - 3)
    else
      call(n, "send", data)
    end
  end,
  function()
    local n = some "tcp{client}"
    if not n then return end
    if random(4) == 1 then
      call(n, "receive", pick(patterns), pick { "", "pre", "p\n" })
    else
      call(n, "receive", pick(patterns))
    end
  end,
  function()
    local n = some "tcp{client}"
    if n then call(n, "receive", pick(patterns)) end
  end,
  function()
    local n = some "tcp{client}"
    if n then call(n, "shutdown", pick { "send", "receive", "both" }) end
  end,
  function()
    local n = random(#open)
    if open[n] and random(3) == 1 then call(n, "close") end
  end,
  function()
    local n = random(#open)
    if not open[n] then return end
    call(n, pick { "dirty", "getfamily", "gettimeout" })
    print("name", n, (open[n]:getsockname()))
    local stats = open[n].class == "tcp{client}" and open[n]:getstats()
    print("stats", stats)
  end,
  function()
    local n = random(#open)
    if open[n] then call(n, "settimeout", pick { 0, 0.01, 0.005 }, pick { "b", "t" }) end
  end,
  function()
    local n = random(#open)
    if not open[n] then return end
    local option = pick(options)
    if random(2) == 1 then
      call(n, "getoption", option)
    elseif option == "linger" then
      call(n, "setoption", option, { on = random(2) == 1, timeout = 0 })
    else
      call(n, "setoption", option, pick { true, false, true, 5 })
    end
  end,
  function()
    local n, other = some "udp{unconnected}", some "udp"
    if n then
      remember(other)
      print("to", other)
      print("sendto", open[n]:sendto(chunk():sub(1, 9000), "127.0.0.1", port_of(other)))
      breathe()
      remember(n)
    end
  end,
  function()
    local n, other = some "udp", some "udp"
    if not n then return end
    if random(3) == 1 then return call(n, "setpeername", "*") end
    remember(other)
    print("peer", n, other, open[n]:setpeername("127.0.0.1", port_of(other)))
    remember(n)
  end,
  function()
    local n = some "udp{connected}"
    if n then call(n, "send", chunk():sub(1, 9000)) end
  end,
  function()
    local n = some "udp"
    if not n then return end
    -- Of a closed one upstream prints an address that it never got.
    local has_sender = open[n].class == "udp{unconnected}" and open[n]:getfd() >= 0
    if has_sender and random(2) == 1 then
      print("receivefrom", n)
      local data, why = open[n]:receivefrom(random(20))
      describe(data, why)
    else
      call(n, "receive", pick { 0, 1, 5, 9000 })
    end
  end,
  function()
    local readers, writers = {}, {}
    for n = 1, #open do
      if random(2) == 1 then readers[#readers + 1] = open[n] end
      if random(3) == 1 then writers[#writers + 1] = open[n] end
    end
    local readable, writable, why = socket.select(readers, writers, 0.002)
    local function list(set)
      local numbers = {}
      for i, object in ipairs(set) do
        for n = 1, #open do
          if open[n] == object then numbers[i] = n .. "@" .. t.word(set[object]) end
        end
      end
      return table.concat(numbers, " ")
    end
    print("select", list(readable), list(writable), why)
  end,
}

new_pair()
for i = 1, calls do
  io.write(i, " ")
  pick(actions)()
  if i % 3 ~= 0 then print() end
end
