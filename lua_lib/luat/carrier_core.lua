-- Carries sockets over the core's own (4G): socketcore and its MSG_SOCK_* messages.

local log = require("log")
local sys = require("sys")

local carrier = { piece = 11200 }

local types = { TCP = 0, UDP = 1, TCPSSL = 2 }
local clients = {} -- the core's index -> client
local events

--- A 4G socket gets its id when it connects.
function carrier.allocate()
  return true
end

--- Reads the files that a table of certificates names.
local function read_certificates(host, names)
  local cert = { hostName = host }
  for _, field in ipairs({ "caCert", "clientCert", "clientKey" }) do
    local name = names and names[field]
    if name then cert[field] = io.readFile(name:sub(1, 1) == "/" and name or "/lua/" .. name) end
  end
  return cert
end

--- Starts to connect. @return false if the core refuses at once
function carrier.connect(client, host, port)
  local dial = socketcore.sock_conn_ext or socketcore.sock_conn
  local cert = client.ssl and read_certificates(host, client.cert) or nil
  local index = dial(types[client.protocol], host, port, cert)
  if not index or index < 0 then return false end
  client.id, client.core_index = index, index
  clients[index] = client
  return true
end

--- Gives the bytes to the core. @return false if it refuses
function carrier.send(client, bytes)
  return socketcore.sock_send(client.core_index, bytes) ~= 0
end

--- Frees the core's slot.
local function forget(client)
  if client.core_index and clients[client.core_index] == client then
    clients[client.core_index] = nil
    if socketcore.sock_destroy then socketcore.sock_destroy(client.core_index) end
  end
  client.core_index, client.held = nil, nil
end

--- A connection has failed; when only our patience has, the core still has to close.
function carrier.give_up(client, is_under_way)
  if not is_under_way then forget(client) end
end

--- @return whether the core will confirm
function carrier.close(client)
  if not client.core_index then return false end
  socketcore.sock_close(client.core_index)
  return true
end

carrier.release = forget

--- Reads what was announced and left with the core.
function carrier.take_held(client)
  local length = client.held
  if length and client.core_index then
    client.held = nil
    table.insert(client.input, (socketcore.sock_recv(client.core_index, length)))
  end
end

local function on_answer(what)
  return function(message)
    local client = clients[message.socket_index]
    if not client then
      log.warn("response on nil socket", message.socket_index, what, message.result)
      return
    end
    events.answered(client, what, message.result == 0)
  end
end

--- Starts to listen. @param handed_events what to call when something happens
function carrier.open(handed_events)
  events = handed_events
  rtos.on(rtos.MSG_SOCK_CONN_CNF, on_answer("SOCKET_CONNECT"))
  rtos.on(rtos.MSG_SOCK_SEND_CNF, on_answer("SOCKET_SEND"))
  rtos.on(rtos.MSG_SOCK_CLOSE_CNF, on_answer("SOCKET_CLOSE"))

  rtos.on(rtos.MSG_SOCK_CLOSE_IND, function(message)
    log.info("socket.rtos.MSG_SOCK_CLOSE_IND")
    local client = clients[message.socket_index]
    if not client then
      log.warn("close ind on nil socket", message.socket_index, message.id)
      return
    end
    local address, port = client.address, client.port
    sys.publish("LIB_SOCKET_CLOSE_IND", client.ssl, client.protocol, address, port)
    events.lost(client, "CLOSED", "CLOSED")
  end)

  rtos.on(rtos.MSG_SOCK_RECV_IND, function(message)
    local client = clients[message.socket_index]
    if not client then
      log.warn("recv ind on nil socket", message.socket_index, message.id)
      return
    end
    log.debug("socket.recv", message.recv_len, client.on_receive)
    if events.is_full(client) then
      client.held = message.recv_len -- the core announces no more until this is read
      return
    end
    events.received(client, (socketcore.sock_recv(message.socket_index, message.recv_len)))
  end)
end

return carrier
