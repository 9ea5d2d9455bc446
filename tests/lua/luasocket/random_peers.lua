-- A random sequence of LuaSocket calls on sockets of two processes, every result printed. Run it twice
-- with the same arguments but for the first: `follower SEED PATH`, `driver SEED PATH [CALLS]`. The
-- driver chooses all calls by the seed and tells the follower, over a unix socket at PATH, which are
-- its; so native Lua and the machine do the same. Calls whose outcome hangs on how fast a kernel is
-- are left out.
local socket = require "socket"
local unix = require "socket.unix"
local t = require "show"

local role, seed, path, calls = arg[1], tonumber(arg[2]), arg[3], tonumber(arg[4]) or 40

if not path then return print "one side alone says nothing: see the head of this file" end

-- What commands see: the objects of this process by number, and what makes them.
local o = {}
local sight = { o = o, socket = socket, unix = unix, os = os, collectgarbage = collectgarbage }
sight.ipairs, sight.table, sight.assert = ipairs, table, assert

--- Receives a string that is too long to be shown whole.
function sight.sum(data, why, partial)
  local bytes = data or partial or ""
  local sum = 0
  for i = 1, #bytes, 97 do
    sum = (sum * 31 + bytes:byte(i)) % 1000003
  end
  return #bytes, sum, why
end

--- What select says, as numbers of objects.
local function select_numbers(readers, writers, timeout)
  local function objects(numbers)
    local list = {}
    for i, n in ipairs(numbers) do
      list[i] = o[n]
    end
    return list
  end
  local readable, writable, why = socket.select(objects(readers), objects(writers), timeout)
  local function names(set)
    local list = {}
    for i, object in ipairs(set) do
      for n, one in pairs(o) do
        if one == object then list[i] = n .. "@" .. t.word(set[object]) end
      end
    end
    return table.concat(list, " ")
  end
  return names(readable), names(writable), why
end
function sight.select(first, ...)
  return (type(first) == "table" and select_numbers or select)(first, ...)
end

--- Runs a command's text. @return its results in words, in one line.
local function execute(text)
  local results = table.pack(pcall(load(text, "=command", "t", sight)))
  local words = {}
  for i = 2, results.n do
    words[i - 1] = t.word(results[i])
  end
  if results[1] then
    return (("(%d) %s"):format(#words, table.concat(words, ", ")):gsub("\\\n", "\\n"))
  end
  return "raises " .. tostring(results[2]):gsub("0x%x+", "")
end

local function follow()
  local control = unix.stream()
  while not control:connect(path) do
    socket.sleep(0.002)
    control = unix.stream()
  end
  while true do
    local text = assert(control:receive())
    if text == "exit" then os.exit(3) end
    control:send(execute(text) .. "\n")
  end
end

if role == "follower" then return follow() end

-- The driver ----------------------------------------------------------------------------------

local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n + 1
end

local function pick(list)
  return list[random(#list)]
end

local listener = unix.stream()
assert(listener:bind(path))
assert(listener:listen())
local control = listener:accept()
listener:close()
os.remove(path)

--- Gives the network time to do what it does by itself.
local function breathe()
  socket.select(nil, nil, 0.002)
end

local function tell(text)
  assert(control:send(text .. "\n"))
end
local function hear()
  return assert(control:receive())
end

--- Runs a command on a side; prints it as `shown`, which does not differ from run to run.
local function run(side, text, shown)
  local result
  if side == "D" then
    result = execute(text)
  else
    tell(text)
    result = hear()
  end
  if shown ~= false then print(side, shown or text, result) end
  breathe()
  return result
end

--- One side waits in a call while the other does something that ends the wait.
local function meet(waiting, waits, acts)
  local late = "socket.sleep(0.008) "
  if waiting == "F" then
    tell(waits)
    print("D meanwhile", acts, execute(late .. acts))
    print("F waited", waits, hear())
  else
    tell(late .. acts)
    print("D waits", waits, execute(waits))
    print("F meanwhile", acts, hear())
  end
  breathe()
end

local sides = { "D", "F" }
local function other(side)
  return side == "D" and "F" or "D"
end

-- What the driver knows of each object: side, kind and where it can be reached.
local known = {}
local function add(side, kind)
  known[#known + 1] = { side = side, kind = kind }
  return #known
end

local function some(kind, claim)
  local list = {}
  for n, object in ipairs(known) do
    if object.kind == kind and not object.gone and (not claim or claim(object)) then
      list[#list + 1] = n
    end
  end
  if #list > 0 then return pick(list) end
end

local function quoted(text)
  return (("%q"):format(text):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("\0", "\\0"))
end

--- What goes through afterwards hangs on when: no bulk any more.
local function wear(n)
  known[n].is_worn = true
  if known[n].peer then known[known[n].peer].is_worn = true end
end

local function chunk()
  local words = { "", "a", "line\n", "two\r\nlines\n", "\r", "\n", "tail", "x\ry\n", "0123456789" }
  local parts = {}
  for i = 1, random(4) do
    parts[i] = pick(words)
  end
  return table.concat(parts)
end

local hosts = { tcp4 = "127.0.0.1", tcp6 = "::1", udp4 = "127.0.0.1", udp6 = "::1" }
local socket_files = {}

--- A listener on a side. @return its number, or nil when it could not be made
local function new_listener(family, side, backlog)
  local n = add(side, "listener")
  local object = known[n]
  object.family = family
  if family == "unix" then
    object.path = path .. "-" .. n
    socket_files[#socket_files + 1] = object.path
    run(side, ("o[%d] = unix.stream() return o[%d]:bind(%q)"):format(n, n, object.path),
      ("bind %d unix"):format(n))
  else
    run(side, ("o[%d] = socket.%s() return o[%d]:bind(%q, 0)"):format(n, family, n, hosts[family]),
      ("bind %d %s"):format(n, family))
    object.port = run(side, ("return (select(2, o[%d]:getsockname()))"):format(n), false)
    object.port = object.port:match '"(%d+)"'
  end
  run(side, ("return o[%d]:listen(%s)"):format(n, backlog or ""))
  run(side, ("o[%d]:settimeout(0.5)"):format(n))
  return n
end
--- Text that connects object `n` to a listener, and how it is shown.
local function connecting(n, to)
  local target = known[to]
  if target.family == "unix" then
    return ("o[%d] = unix.stream() return o[%d]:connect(%q)"):format(n, n, target.path)
  end
  local maker = pick { target.family, "tcp" }
  return ("o[%d] = socket.%s() return o[%d]:connect(%q, %s)"):format(n, maker, n,
    hosts[target.family], target.port)
end

local function send_at_once(side, n)
  run(side, ("return o[%d]:setoption('tcp-nodelay', true)"):format(n), false)
end

local function settle_stream(n, family)
  known[n].family = family
  run(known[n].side, ("return o[%d]:settimeout(%s)"):format(n, pick { 0.01, 0.01, 0 }))
  -- Else the kernel holds a second small send back until the first is acknowledged.
  if family ~= "unix" then send_at_once(known[n].side, n) end
end

--- Two ends of a connection, one in each process.
local function new_pair()
  local family = pick { "tcp4", "tcp4", "tcp6", "unix" }
  local side = pick(sides)
  local to = new_listener(family, side)
  local a, b = add(other(side), "stream"), add(side, "stream")
  known[a].peer, known[b].peer = b, a
  if random(2) == 1 then
    run(known[a].side, connecting(a, to), ("connect %d to %d"):format(a, to))
    run(side, ("o[%d] = o[%d]:accept() return o[%d]"):format(b, to, b))
  else
    -- The one waits in accept while the other connects.
    tell(("socket.sleep(0.004) return 1"))
    hear()
    local connect = connecting(a, to)
    local accept = ("o[%d] = o[%d]:accept() return o[%d]"):format(b, to, b)
    if side == "F" then
      tell(accept)
      socket.sleep(0.004)
      print("D connects", a, execute(connect))
      print("F accepted", b, hear())
    else
      tell("socket.sleep(0.004) " .. connect)
      print("D accepted", b, execute(accept))
      print("F connected", a, hear())
    end
  end
  run(side, ("return o[%d]:close()"):format(to))
  known[to].gone = true
  settle_stream(a, family)
  settle_stream(b, family)
end

local function new_datagram()
  local side, family = pick(sides), pick { "udp4", "udp4", "udp6", "unix" }
  local n = add(side, "datagram")
  known[n].family = family
  if family == "unix" then
    known[n].path = path .. "-" .. n
    socket_files[#socket_files + 1] = known[n].path
    run(side, ("o[%d] = unix.dgram() return o[%d]:bind(%q)"):format(n, n, known[n].path),
      ("bind %d unix datagram"):format(n))
  else
    run(side, ("o[%d] = socket.%s() return o[%d]:setsockname(%q, 0)"):format(n, family, n,
      hosts[family]), ("bind %d %s"):format(n, family))
    local name = run(side, ("return (select(2, o[%d]:getsockname()))"):format(n), false)
    known[n].port = name:match '"(%d+)"'
  end
  run(side, ("return o[%d]:settimeout(0.01)"):format(n))
end

local patterns = { "'*l'", "'*a'", 0, 1, 3, 10, 5000, "'*l'", "'3'", "'*l', 'pre'", "4, 'pre'" }
local options = {
  "keepalive", "reuseaddr", "linger", "error", "broadcast", "ipv6-v6only", "nope",
}

local function same_family(n)
  local family = known[n].family
  return some("datagram", function(object)
    return object.family == family
  end)
end

--- "HOST, PORT" or the path of a datagram object, and how it is shown.
local function address_of(n)
  if known[n].family == "unix" then return ("%q"):format(known[n].path) end
  return ("%q, %s"):format(hosts[known[n].family], known[n].port)
end

local actions = {
  new_pair,
  new_datagram,
  function()
    local n = some "stream"
    if n then run(known[n].side, ("return o[%d]:send(%s)"):format(n, quoted(chunk()))) end
  end,
  function()
    local n = some "stream"
    if not n then return end
    run(known[n].side,
      ("return o[%d]:send(%s, %d, %d)"):format(n, quoted(chunk()), random(9) - 4, random(9) - 4))
  end,
  function()
    local n = some "stream"
    if n then run(known[n].side, ("return o[%d]:receive(%s)"):format(n, pick(patterns))) end
  end,
  function()
    local n = some "stream"
    if n then run(known[n].side, ("return o[%d]:receive(%s)"):format(n, pick(patterns))) end
  end,
  function()
    local n = some "stream"
    if not n or random(3) ~= 1 then return end
    run(known[n].side, ("return o[%d]:shutdown(%q)"):format(n, pick { "send", "receive", "both" }))
    wear(n)
  end,
  function()
    local n = pick { some "stream" or false, some "datagram" or false }
    if not n or random(3) ~= 1 then return end
    if random(3) == 1 then
      run(known[n].side, ("o[%d] = nil collectgarbage() collectgarbage()"):format(n))
      known[n].gone = true
    else
      run(known[n].side, ("return o[%d]:close(), o[%d]:getfd()"):format(n, n))
      known[n].is_closed = true
    end
    wear(n)
  end,
  function()
    local n = some "stream"
    if not n then return end
    local ask = pick {
      "return o[%d]:dirty()", "return (o[%d]:getsockname()) ~= nil", "return o[%d].class",
      "local r, s = o[%d]:getstats() return r, s", "return (o[%d]:getpeername())",
      "return o[%d]:getoption('error')", "return o[%d]:gettimeout()",
    }
    if known[n].family == "unix" and ask:find "getsockname" then return end
    run(known[n].side, ask:format(n))
  end,
  function()
    local n = some "stream"
    if not n then return end
    local option = pick(options)
    local value = option == "linger" and "{ on = true, timeout = 0 }" or pick { "true", "false", "5" }
    run(known[n].side, ("return o[%d]:setoption(%q, %s)"):format(n, option, value))
  end,
  -- Waiting, in one process, for what the other does.
  function()
    local n = some "stream"
    local peer = n and known[n].peer
    if not peer or known[peer].gone then return end
    local read, act = table.unpack(pick {
      { "receive('*l')", "send('tail of a line\\n')" }, { "receive(10)", "send('0123456789')" },
      { "receive('*a')", "close()" }, { "receive('*l')", "shutdown('send')" },
      { "receive('*a')", "shutdown('both')" }, { "receive(5)", "close()" },
      { "receive(20, 'prefix')", "send('0123456789 123456789')" },
    })
    local waits = ("o[%d]:settimeout(0.3) return o[%d]:%s"):format(n, n, read)
    meet(known[n].side, waits, ("return o[%d]:%s"):format(peer, act))
    if not act:find "^send" then wear(n) end
    run(known[n].side, ("return o[%d]:settimeout(0.01)"):format(n))
  end,
  -- More than any buffer holds, from one to the other.
  function()
    local n = some("stream", function(object)
      return not object.is_worn
    end)
    local peer = n and known[n].peer
    if not peer or known[peer].gone then return end
    local size = 100000 * random(12)
    local send = ("o[%d]:settimeout(5) return o[%d]:send(('0123456789'):rep(%d))"):format(n, n, size // 10)
    local receive = ("o[%d]:settimeout(5) return sum(o[%d]:receive(%d))"):format(peer, peer, size)
    local sender = known[n].side
    tell(sender == "F" and send or receive)
    local mine = execute(sender == "F" and receive or send)
    print("bulk", n, peer, size, mine, hear())
    run("D", ("return o[%d]:settimeout(0.01)"):format(sender == "D" and n or peer))
    run("F", ("return o[%d]:settimeout(0.01)"):format(sender == "F" and n or peer))
  end,
  -- A listener that stays, and connects that nobody accepts yet.
  function()
    local to = some "listener"
    if not to or random(4) == 1 then
      new_listener(pick { "tcp4", "tcp6", "unix" }, pick(sides), 5)
      return
    end
    local n = add(other(known[to].side), "stream")
    run(known[n].side, connecting(n, to), ("connect %d to %d"):format(n, to))
    local waiting = known[to].waiting or {} -- in the order that accept gives them out
    known[to].waiting = waiting
    waiting[#waiting + 1] = n
    settle_stream(n, known[to].family)
    if random(3) == 1 then run(known[n].side, ("return o[%d]:send('early\\n')"):format(n)) end
    if random(4) == 1 then run(known[n].side, ("return o[%d]:close()"):format(n)) end
    if random(2) == 1 then
      local peer = add(known[to].side, "stream")
      n = table.remove(waiting, 1)
      known[peer].peer, known[n].peer = n, peer
      if known[n].is_closed or known[n].is_worn then wear(n) end
      run(known[to].side, ("o[%d] = o[%d]:accept() return o[%d]"):format(peer, to, peer))
      settle_stream(peer, known[to].family)
    elseif random(3) == 1 then
      run(known[to].side, ("return o[%d]:close()"):format(to))
      known[to].gone = true
    end
  end,
  -- Nobody listens there any more.
  function()
    local to
    for n, object in ipairs(known) do
      if object.kind == "listener" and object.gone and (not to or random(2) == 1) then to = n end
    end
    if not to then return end
    local n = add(pick(sides), "stream")
    run(known[n].side, connecting(n, to), ("connect %d to the late %d"):format(n, to))
    settle_stream(n, known[to].family)
    known[n].gone = known[to].family == "unix" -- a failed one has no descriptor and the wrong class
  end,
  function()
    local n = some("datagram", function(object)
      return not object.is_connected
    end)
    local to = n and same_family(n)
    if not to then return end
    run(known[n].side, ("return o[%d]:sendto(%s, %s)"):format(n, quoted(chunk()), address_of(to)),
      ("sendto %d %d"):format(n, to))
  end,
  function()
    local n = some "datagram"
    local to = n and same_family(n)
    if not to then return end
    if random(3) == 1 and known[n].family ~= "unix" then
      run(known[n].side, ("return o[%d]:setpeername('*')"):format(n))
      known[n].is_connected = false
      local name = run(known[n].side, ("return (select(2, o[%d]:getsockname()))"):format(n), false)
      known[n].port = name:match '"(%d+)"' or known[n].port
      return
    end
    local result = run(known[n].side, ("return o[%d]:setpeername(%s)"):format(n, address_of(to)),
      ("setpeername %d %d"):format(n, to))
    if result:find "1f" then known[n].is_connected = true end
  end,
  function()
    local n = some("datagram", function(object)
      return object.is_connected
    end)
    if n then run(known[n].side, ("return o[%d]:send(%s)"):format(n, quoted(chunk()))) end
  end,
  function()
    local n = some "datagram"
    if not n then return end
    run(known[n].side, ("return o[%d]:receive(%s)"):format(n, pick { "", 0, 1, 5, 9000 }))
  end,
  function()
    -- Of a closed one upstream prints an address that it never got.
    local n = some("datagram", function(object)
      return not object.is_connected and not object.is_closed
    end)
    if not n then return end
    run(known[n].side, ("return (o[%d]:receivefrom(%s))"):format(n, pick { "", 3, 9000 }))
  end,
  -- A datagram wakes a reader in the other process.
  function()
    local n = some "datagram"
    local from = n and some("datagram", function(object)
      return object.family == known[n].family and object.side ~= known[n].side
        and not object.is_connected
    end)
    if not from or known[n].is_connected then return end
    local side = known[n].side
    local wait = ("o[%d]:settimeout(0.3) return o[%d]:receive()"):format(n, n)
    local send = ("socket.sleep(0.008) return o[%d]:sendto('wake', %s)"):format(from, address_of(n))
    tell(side == "F" and wait or send)
    local mine = execute(side == "F" and send or wait)
    print("datagram from", from, "to", n, mine, hear())
    run(side, ("return o[%d]:settimeout(0.01)"):format(n))
  end,
  function()
    local side = pick(sides)
    local readers, writers = {}, {}
    for n, object in ipairs(known) do
      if object.side == side and not object.gone then
        if random(2) == 1 then readers[#readers + 1] = n end
        if random(3) == 1 then writers[#writers + 1] = n end
      end
    end
    run(side, ("return select({ %s }, { %s }, 0.003)"):format(table.concat(readers, ","),
      table.concat(writers, ",")))
  end,
  -- select wakes for what the other process does.
  function()
    local n = some "stream"
    local peer = n and known[n].peer
    if not peer or known[peer].gone then return end
    local act = pick { "send('x')", "close()", "shutdown('send')" }
    meet(known[n].side, ("return select({ %d }, {}, 0.3)"):format(n),
      ("return o[%d]:%s"):format(peer, act))
    if act ~= "send('x')" then wear(n) end
  end,
}

new_pair()
for i = 1, calls do
  io.write(i, " ")
  pick(actions)()
  if i % 3 ~= 0 then print() end
end

-- The follower's process ends with all it has open; what is left here sees that.
tell "exit"
print("exit", control:receive())
breathe()
for n, object in ipairs(known) do
  if object.side == "D" and object.kind == "stream" and not object.gone then
    run("D", ("return o[%d]:receive('*a')"):format(n))
    run("D", ("return o[%d]:send('x')"):format(n))
  end
end
for _, name in ipairs(socket_files) do
  os.remove(name)
end
