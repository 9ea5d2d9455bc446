-- The TCP/UDP lab: a test server that the page drives. Commands come as lines on standard input,
-- news go as lines to standard output, bytes travel as hex:
--
--   send CLIENT ID HEX | close CLIENT | reset CLIENT | quit
--   listening HOST PORT | failed WHY | came CLIENT HOST PORT
--   data CLIENT HEX | sent CLIENT ID | left CLIENT WHY
--
-- arg: tcp or udp, the host to bind, the port (0: any), how many clients at once.

local socket = require("socket")

local kind, host, port, room = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])
local chunk = 4096 -- bytes read at once

local clients = {} -- by number
local by_socket = {} -- TCP: which client a socket is
local by_address = {} -- UDP: which client an address is
local present = 0
local count = 0

local typing = {
  getfd = function()
    return 0
  end,
}

local function tell(...)
  io.write(table.concat({ ... }, " "), "\n")
  io.flush()
end

local function to_hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

local function from_hex(text)
  return (text:gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

local function open()
  if kind == "udp" then
    local server = assert(socket.udp())
    local ok, why = server:setsockname(host, port)
    if not ok then return nil, why end
    return server
  end
  return socket.bind(host, port)
end

local server, why = open()
if not server then
  tell("failed", why)
  os.exit(1)
end
server:settimeout(0)
tell("listening", server:getsockname())

--- Takes a client in and tells so.
local function welcome(conn, from_host, from_port)
  count = count + 1
  present = present + 1
  local client = { number = count, conn = conn, host = from_host, port = from_port, queue = {} }
  clients[count] = client
  tell("came", count, from_host, from_port)
  return client
end

local function forget(client, reason)
  if not clients[client.number] then return end
  clients[client.number] = nil
  present = present - 1
  if client.conn then
    by_socket[client.conn] = nil
    client.conn:close()
  else
    by_address[client.host .. " " .. client.port] = nil
  end
  tell("left", client.number, reason)
end

--- Writes what waits for a client, as far as its connection takes it.
local function flush(client)
  local queue = client.queue
  while queue[1] do
    local piece = queue[1]
    local last, reason, partial = client.conn:send(piece.bytes, piece.from)
    if not last then
      piece.from = (partial or piece.from - 1) + 1
      if reason ~= "timeout" then forget(client, reason) end
      return
    end
    table.remove(queue, 1)
    tell("sent", client.number, piece.id)
  end
end

local function send(client, id, bytes)
  if client.conn then
    table.insert(client.queue, { id = id, bytes = bytes, from = 1 })
    flush(client)
  else
    server:sendto(bytes, client.host, client.port)
    tell("sent", client.number, id)
  end
end

--- Does what one line says; false when that is to end.
local function obey(line)
  local verb, number, rest = line:match("^(%a+)%s*(%d*)%s*(.*)$")
  local client = clients[tonumber(number)]
  if verb == "quit" then
    return false
  elseif not client then
    return true -- it left while the command was on its way
  elseif verb == "send" then
    local id, hex = rest:match("^(%d+)%s*(%x*)$")
    send(client, id, from_hex(hex))
  elseif verb == "close" then
    forget(client, "here")
  elseif verb == "reset" then
    if client.conn then client.conn:setoption("linger", { on = true, timeout = 0 }) end
    forget(client, "reset")
  end
  return true
end

local function read(client)
  local data, reason, partial = client.conn:receive(chunk)
  data = data or partial
  if data and #data > 0 then tell("data", client.number, to_hex(data)) end
  if reason and reason ~= "timeout" then
    forget(client, reason == "closed" and "there" or reason)
  end
end

local function accept()
  local conn = server:accept()
  if conn then
    conn:settimeout(0)
    by_socket[conn] = welcome(conn, conn:getpeername())
  end
end

local function take_datagram()
  local data, from_host, from_port = server:receivefrom()
  if not data then return end
  local address = from_host .. " " .. from_port
  local client = by_address[address]
  if not client and present >= room then return end
  client = client or welcome(nil, from_host, from_port)
  by_address[address] = client
  tell("data", client.number, to_hex(data))
end

local is_open = true
while is_open do
  local readers, writers = { typing }, {}
  if kind == "udp" or present < room then table.insert(readers, server) end
  for _, client in pairs(clients) do
    if client.conn then
      table.insert(readers, client.conn)
      if client.queue[1] then table.insert(writers, client.conn) end
    end
  end
  local readable, writable = socket.select(readers, writers)
  for _, ready in ipairs(writable) do
    if by_socket[ready] then flush(by_socket[ready]) end
  end
  for _, ready in ipairs(readable) do
    if ready == typing then
      local line = io.read("l")
      is_open = line ~= nil and obey(line)
    elseif ready == server then
      if kind == "udp" then
        take_datagram()
      else
        accept()
      end
    elseif by_socket[ready] then
      read(by_socket[ready])
    end
  end
end

for _, client in pairs(clients) do
  if client.conn then client.conn:close() end
end
server:close()
