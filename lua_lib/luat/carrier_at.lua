-- Carries sockets over AT commands (2G): AT+CIP... for TCP and UDP, AT+SSL... for encrypted ones.

local generation = require("generation")
local log = require("log")
local ril = require("ril")
local sys = require("sys")

local carrier = { piece = 1460 }

--- One family of sockets: its ids, and its clients by id. The first id is taken from the end.
local function new_family()
  return { free = { "0", "1", "2", "3", "4", "5", "6", "7" }, clients = {} }
end

local plain, secure = new_family(), new_family()
local events
local ssl_is_open = false
local stored = {} -- certificate files that the module has

local function family_of(client)
  return client.ssl and secure or plain
end

--- Takes an id. @return false if there is none left
function carrier.allocate(client)
  local family = family_of(client)
  local id = table.remove(family.free)
  if not id then return false end
  client.id = id
  family.clients[id] = client
  return true
end

--- Tells that `what` was answered, if the client is still there.
local function answered(client, what, ok)
  if family_of(client).clients[client.id] == client then events.answered(client, what, ok) end
end

--- Hands a certificate's file to the module, once, and names it for one socket.
local function use_certificate(client, kind, name, password)
  if not name then return end
  if not stored[kind .. name] then
    local path = name:sub(1, 1) == "/" and name or generation.resource_folder .. name
    local text = io.readFile(path)
    if not text then
      log.error("inputcrt err open", path)
      return
    end
    stored[kind .. name] = true
    ril.request(('AT+SSLCERT=0,"%s","%s",1,%d'):format(kind, name, #text), text)
  end
  local extra = password and (',"%s"'):format(password) or ""
  ril.request(('AT+SSLCERT=1,%s,"%s","%s"%s'):format(client.id, kind, name, extra))
end

local function connect_secure(client, host, port)
  if not ssl_is_open then
    ssl_is_open = true
    ril.request("AT+SSLINIT")
  end
  local cert = client.cert or {}
  client.is_created = true
  local create = 'AT+SSLCREATE=%s,"%s:%s",%d'
  create = create:format(client.id, host, port, cert.caCert and 0 or 1)
  ril.request(create, nil, function(_, _, result)
    client.name_failed = result:find("CREATE ERROR: 4", 1, true) ~= nil
  end)
  use_certificate(client, "cacrt", cert.caCert)
  use_certificate(client, "localcrt", cert.clientCert, cert.clientPassword or "")
  use_certificate(client, "localprivatekey", cert.clientKey)
  ril.request("AT+SSLCONNECT=" .. client.id, nil, function(_, success)
    if not success then answered(client, "SOCKET_CONNECT", false) end
  end)
end

--- What the module says about one socket: "7, CONNECT OK", "SSL&0, CLOSED".
local function handle_socket_line(line)
  local ssl, id, result = line:match("^(S?S?L?)&?(%d), *(.*)$")
  local family = ssl == "SSL" and secure or plain
  local client = id and family.clients[id]
  if not client then
    log.error("socket: urc on nil socket", line)
  elseif result:find("CONNECT", 1, true) then
    events.answered(client, "SOCKET_CONNECT", result == "CONNECT OK")
  elseif result == "CLOSED" or (result:find("ERROR", 1, true) and ssl ~= "SSL") then
    events.lost(client, result)
  end
end

--- Starts to connect. The answer comes as a line of its own.
function carrier.connect(client, host, port)
  ril.regUrc((client.ssl and "SSL&" or "") .. client.id, handle_socket_line)
  if client.ssl then
    connect_secure(client, host, port)
    return true
  end
  local command = 'AT+CIPSTART=%s,"%s","%s",%s'
  ril.request(command:format(client.id, client.protocol, host, port), nil, function(_, success)
    if not success then
      client.name_failed = not host:match("^[%d%.]+$")
      answered(client, "SOCKET_CONNECT", false)
    end
  end)
  return true
end

--- Sends one piece: the command, the prompt, the bytes, the confirmation.
function carrier.send(client, bytes)
  local command = ("AT+%sSEND=%s,%d"):format(client.ssl and "SSL" or "CIP", client.id, #bytes)
  ril.request(command, bytes, function(_, success)
    answered(client, "SOCKET_SEND", success)
  end)
  return true
end

--- A connection has failed. SSL leaves something that has to be destroyed; close does it.
function carrier.give_up() end

--- @param slow wait until all is sent
-- @return whether the module will confirm
function carrier.close(client, slow)
  if client.ssl then
    if not client.is_created then return false end
    client.is_created = false
  elseif not client.connected then
    return false
  end
  local command = client.ssl and "AT+SSLDESTROY=%s" or "AT+CIPCLOSE=%s" .. (slow and ",0" or "")
  ril.request(command:format(client.id), nil, function(_, success)
    answered(client, "SOCKET_CLOSE", success)
  end)
  return true
end

--- Gives the id back, to the far end.
function carrier.release(client)
  local family = family_of(client)
  if client.id and family.clients[client.id] == client then
    ril.deRegUrc((client.ssl and "SSL&" or "") .. client.id)
    family.clients[client.id] = nil
    table.insert(family.free, 1, client.id)
  end
  client.id = nil
end

--- Nothing can be left with the module.
function carrier.take_held() end

--- Makes the reader of a command whose results begin with the socket's number.
-- @param word what the result begins with, such as SEND; what else is said of a socket is a URC
local function result_of(word)
  return function(line, command)
    local id = command.cmd:match("=(%d)")
    if line == "+PDP: DEACT" then
      sys.publish("PDP_DEACT_IND")
      return true, false, line
    elseif line:find("^" .. word .. " FAIL") then
      return true, false, line
    end
    local accepted_id, accepted = line:match("^DATA ACCEPT:(%d),(%d+)")
    if accepted_id == id then return true, accepted == command.cmd:match(",(%d+)"), line end
    local said = line:match("^" .. id .. ", *(.*)$") or line:match("^SSL&" .. id .. ", *(.*)$")
    if not said or said == "CLOSED" then
      return nil
    elseif said:sub(1, #word) == word or said:find("^[TU][CD]P ERROR") then
      return true, said:sub(#word + 1) == " OK", line
    end
    return nil
  end
end

--- "+RECEIVE,7,5:" is followed by so many raw bytes.
local function handle_receive(line)
  local ssl, id, length = line:match("^%+(S?S?L?) ?RECEIVE,(%d), *(%d+)")
  local left = tonumber(length)
  if not left or left == 0 then return nil end
  local pieces = {}
  local function collect(bytes)
    pieces[#pieces + 1] = bytes:sub(1, left)
    local rest = bytes:sub(left + 1)
    left = left - math.min(left, #bytes)
    if left > 0 then return "", collect end
    local client = (ssl == "SSL" and secure or plain).clients[id]
    if not client then
      log.warn("socket: receive on nil socket", id)
      return rest
    end
    if events.is_full(client) then
      client.input = {} -- as the module does: what nobody read is lost
    end
    events.received(client, table.concat(pieces))
    return rest
  end
  return collect
end

--- Starts to listen. @param handed_events what to call when something happens
function carrier.open(handed_events)
  events = handed_events
  ril.regRsp("+CIPSTART", nil, ril.SPECIAL, result_of("CONNECT"))
  ril.regRsp("+CIPSEND", nil, ril.SPECIAL, result_of("SEND"))
  ril.regRsp("+CIPCLOSE", nil, ril.SPECIAL, result_of("CLOSE"))
  ril.regRsp("+SSLSEND", nil, ril.SPECIAL, result_of("SEND"))
  ril.regRsp("+SSLCREATE", nil, ril.SPECIAL, result_of("CREATE"))
  ril.regRsp("+SSLDESTROY", nil, ril.SPECIAL, result_of("DESTROY"))
  ril.regUrc("+RECEIVE", handle_receive)
  ril.regUrc("+SSL RECEIVE", handle_receive)
end

return carrier
