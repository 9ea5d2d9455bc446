--- The laboratory: hosts inside the machine to try clients on, without a proxy. The machine starts
-- this process when one of their names is first asked for, and ends it with the last process of
-- the user's. The names and their addresses are in wasm/net/laboratory.h.

package.path = "/lib/luasocket/?.lua" -- a project may have modules of the same names

local socket = require("socket")
local serve_http = dofile("/lib/lab/http.lua")

local most_connections = 400 -- at once, for all hosts; the next is closed as soon as it comes
local patience = 120 -- seconds in which a connection may say nothing
local block = 8192

-- Tasks ----------------------------------------------------------------------------------------

-- Each task is a coroutine that waits for a socket to be ready, or for a moment.
local waits = {}
local connections = 0

local function go_on(task, ...)
  local ok, kind, what, due = coroutine.resume(task, ...)
  if ok and coroutine.status(task) == "suspended" then
    waits[task] = { kind = kind, what = what, due = due }
  else
    waits[task] = nil
  end
end

local function start(run, ...)
  go_on(coroutine.create(run), ...)
end

local function sleep(span)
  coroutine.yield("nothing", nil, socket.gettime() + span)
end

--- @return false when the other side has said nothing for too long
local function until_ready(kind, sock)
  return coroutine.yield(kind, sock, socket.gettime() + patience)
end

local function turn()
  local readers, writers, due = {}, {}, nil
  for _, wait in pairs(waits) do
    if wait.kind == "read" then readers[#readers + 1] = wait.what end
    if wait.kind == "write" then writers[#writers + 1] = wait.what end
    if wait.due and (not due or wait.due < due) then due = wait.due end
  end
  local readable, writable =
    socket.select(readers, writers, due and math.max(0, due - socket.gettime()))
  local now = socket.gettime()
  local ready = {}
  for task, wait in pairs(waits) do
    local is_ready = readable[wait.what] or writable[wait.what]
    if is_ready or (wait.due and wait.due <= now) then
      ready[#ready + 1] = { task, is_ready ~= nil }
    end
  end
  for _, one in ipairs(ready) do
    go_on(one[1], one[2])
  end
end

-- Connections ----------------------------------------------------------------------------------

local Connection = {}
Connection.__index = Connection
Connection.sleep = function(_, span)
  sleep(span)
end

--- What has come, at most `most` bytes. @return nil at the end
function Connection:some(most)
  if self.unread ~= "" then
    local bytes = self.unread:sub(1, most)
    self.unread = self.unread:sub(#bytes + 1)
    return bytes
  end
  while true do
    local data, why, partial = self.sock:receive(most)
    local bytes = data or partial
    if bytes ~= "" then return bytes end
    if why ~= "timeout" or not until_ready("read", self.sock) then return nil end
  end
end

--- @return a line without its end, or nil
function Connection:line()
  local line = ""
  while #line <= block do
    local at = line:find("\n", 1, true)
    if at then
      self.unread = line:sub(at + 1) .. self.unread
      return (line:sub(1, at - 1):gsub("\r$", ""))
    end
    local more = self:some(block)
    if not more then return nil end
    line = line .. more
  end
end

function Connection:bytes(count)
  local pieces = {}
  while count > 0 do
    local piece = self:some(math.min(count, block))
    if not piece then return nil end
    pieces[#pieces + 1] = piece
    count = count - #piece
  end
  return table.concat(pieces)
end

--- @return false when the other side is gone
function Connection:send(data)
  local from = 1
  while from <= #data do
    local last, why, partial = self.sock:send(data, from)
    if last then return true end
    if why ~= "timeout" or not until_ready("write", self.sock) then return false end
    from = partial + 1
  end
  return true
end

function Connection:reset()
  self.sock:setoption("linger", { on = true, timeout = 0 })
end

local function converse(client, serve)
  connections = connections + 1
  pcall(serve, setmetatable({ sock = client, unread = "" }, Connection))
  client:close()
  connections = connections - 1
end

local function listen(host, port, serve)
  local server = assert(socket.bind(host, port))
  server:settimeout(0)
  start(function()
    while true do
      coroutine.yield("read", server)
      local client = server:accept()
      if client and connections >= most_connections then
        client:close()
      elseif client then
        client:settimeout(0)
        start(converse, client, serve)
      end
    end
  end)
end

--- `answer` makes the datagram that goes back, or nil.
local function answer_datagrams(host, port, answer)
  local udp = socket.udp4()
  assert(udp:setsockname(host, port))
  udp:settimeout(0)
  start(function()
    while true do
      coroutine.yield("read", udp)
      local data, ip, from = udp:receivefrom(65507)
      local back = data and answer(data)
      if back then udp:sendto(back, ip, from) end
    end
  end)
end

-- The hosts ------------------------------------------------------------------------------------

local function daytime()
  return os.date("!%a %b %d %H:%M:%S %Y UTC\r\n")
end

listen("http.lab", 80, serve_http)
listen("http.lab", 8080, serve_http)

listen("echo.lab", 7, function(conn)
  repeat
    local bytes = conn:some(block)
  until not bytes or not conn:send(bytes)
end)
answer_datagrams("echo.lab", 7, function(data)
  return data
end)

listen("discard.lab", 9, function(conn)
  repeat
  until not conn:some(block)
end)
answer_datagrams("discard.lab", 9, function() end)

listen("daytime.lab", 13, function(conn)
  conn:send(daytime())
end)
answer_datagrams("daytime.lab", 13, daytime)

-- refuse.lab has nobody who listens. Of silent.lab's listeners the only place in the queue is
-- taken, by a connection of our own that nobody ever accepts.
local held = {} -- luacheck: ignore
for _, port in ipairs({ 7, 80, 443, 8080 }) do
  local server, filler = socket.tcp4(), socket.tcp4()
  assert(server:bind("silent.lab", port))
  assert(server:listen(0))
  filler:settimeout(0)
  filler:connect("silent.lab", port)
  held[#held + 1] = { server, filler }
end
answer_datagrams("silent.lab", 7, function() end)

--- Takes what comes first, then resets the connection.
local function reset(conn)
  conn:some(block)
  conn:reset()
end
listen("reset.lab", 7, reset)
listen("reset.lab", 80, reset)

local trickle_pause = 0.05 -- seconds between two bytes

local function trickle(conn, text)
  for i = 1, #text do
    if not conn:send(text:sub(i, i)) then return end
    conn:sleep(trickle_pause)
  end
end
listen("trickle.lab", 7, function(conn)
  trickle(conn, "one byte at a time\r\nand another line\r\n")
end)
listen("trickle.lab", 80, function(conn)
  repeat
    local line = conn:line()
  until not line or line == ""
  trickle(conn, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nslow and ok\n")
end)

while true do
  turn()
end
