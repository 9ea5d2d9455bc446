--- chuck.websocket (RFC 6455): the handshakes, and frames as packets. Upstream had it for ten
-- days and
-- it never worked; the shape here is the reference's proposal, in the first generation's manner.
local core = require("chuck.core")
local packet = core.packet

local guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
local opcodes = { text = 1, binary = 2, close = 8, ping = 9, pong = 10 }

local Frame = {}
local class = core.websocket_packet
class.__index = Frame
class.__name = "userdata"

local names = {}
for name, number in pairs(opcodes) do
  names[number] = name
end

--- "text", "binary", "close", "ping" or "pong".
function Frame:Opcode()
  return names[self.opcode]
end

--- The message's bytes, all fragments together.
function Frame:ReadBin()
  return self.bytes
end

--- Messages arrive whole.
function Frame.Fin()
  return true
end

--- Of a close frame: its number (1005 when it has none) and its words.
function Frame:CloseCode()
  if #self.bytes < 2 then return 1005, "" end
  return string.unpack(">I2", self.bytes), self.bytes:sub(3)
end

local websocket = { opcodes = opcodes }

local function accept_key(key)
  return core.base64_encode(core.sha1(key .. guid))
end

--- One frame as a rawpacket for a connection's Send. A client's frames must be masked.
local function frame(opcode, bytes, is_client)
  local mask = is_client and string.pack("<I4", math.random(0, 0xffffffff)) or nil
  return packet.rawpacket(core.websocket_frame(opcode, bytes, mask))
end

function websocket.text(bytes, is_client)
  return frame(opcodes.text, bytes, is_client)
end

function websocket.binary(bytes, is_client)
  return frame(opcodes.binary, bytes, is_client)
end

function websocket.ping(bytes, is_client)
  return frame(opcodes.ping, bytes or "", is_client)
end

function websocket.pong(bytes, is_client)
  return frame(opcodes.pong, bytes or "", is_client)
end

function websocket.close(code, reason, is_client)
  local body = code and string.pack(">I2", code) .. (reason or "") or ""
  return frame(opcodes.close, body:sub(1, 125), is_client)
end

-- ---------------------------------------------------------------------------------------------
-- An end of a WebSocket

local WebSocket = {}
WebSocket.__index = WebSocket
websocket.WebSocket = WebSocket

local errors = core.error
-- What a broken rule is called in the close frame.
local close_codes = {
  [errors.EPKTOOLARGE] = 1009,
  [errors.EWEBSOCKETPARSE] = 1002,
  [errors.EWEBSOCKETTEXT] = 1007,
}
local close_patience = 5000 -- milliseconds for the peer's answer to our close
local linger_span = 2000 -- milliseconds for our last words to go

-- What waits still goes, then the end; what the peer still says is thrown away, lest a reset
-- overtakes our last words.
local function linger(self)
  local conn = self.conn
  local timer
  local function close()
    timer:UnRegister()
    conn:Close()
  end
  timer = self.engine:AddTimerOnce(linger_span, close)
  conn:SetCallback(function(_, message)
    if not message then close() end
  end)
  conn:SetDecoder(core.decoder.connection.rawpacket())
  conn:ShutDownWrite()
end

local function finish(self, code, reason)
  if self.is_over then return end
  self.is_over = true
  if self.timer then self.timer:UnRegister() end
  local callback = self.callback
  if self.has_closed then
    linger(self)
  else
    self.conn:Close()
  end
  if callback then callback(self, nil, code, reason) end
end

local function send_close(self, code, reason)
  if self.has_closed then return end
  self.has_closed = true
  self.conn:Send(websocket.close(code, reason, self.is_client))
end

local function on_packet(self, message, number)
  if self.is_over then return end
  if not message then
    local code = close_codes[number]
    if code then send_close(self, code, "") end
    return finish(self, code or 1006, "")
  end
  local opcode = message.opcode
  if opcode == opcodes.ping then
    if not self.has_closed then self.conn:Send(websocket.pong(message.bytes, self.is_client)) end
  elseif opcode == opcodes.close then
    local code, reason = message:CloseCode()
    send_close(self, code ~= 1005 and code or nil, "")
    finish(self, code, reason)
  elseif opcode ~= opcodes.pong and not self.has_closed then
    self.callback(self, message)
  end
end

--- Sends text, or binary when the kind says so. @return what the connection's Send answers
function WebSocket:Send(bytes, kind)
  if self.is_over or self.has_closed then return -errors.ESOCKCLOSE end
  return self.conn:Send(frame(opcodes[kind or "text"], bytes, self.is_client))
end

function WebSocket:Ping(bytes)
  return self:Send(bytes or "", "ping")
end

--- Says goodbye; the callback is told when the peer has answered, or five seconds later.
function WebSocket:Close(code, reason)
  if self.is_over or self.has_closed then return end
  send_close(self, code or 1000, reason)
  self.timer = self.engine:AddTimerOnce(close_patience, function()
    self.timer = nil
    finish(self, 1006, "")
  end)
end

local function start(conn, engine, callback, options)
  local self = setmetatable({
    conn = conn,
    engine = engine,
    callback = callback,
    is_client = options.is_client,
  }, WebSocket)
  conn:SetCallback(function(_, message, number)
    on_packet(self, message, number)
  end)
  conn:SetDecoder(core.decoder.connection.websocket(options.max, options.is_client))
  return self
end

--- Whether a comma-separated header holds the word.
local function has_word(header, word)
  for one in (header or ""):gmatch("[^,%s]+") do
    if one:lower() == word then return true end
  end
  return false
end

--- Why a request asks for no WebSocket of ours; nil when it does.
local function objection(request)
  local key = request:Header("Sec-WebSocket-Key")
  if request:Method() ~= "GET" then return "not a GET" end
  if not has_word(request:Header("Connection"), "upgrade") then return "no Connection: upgrade" end
  if not has_word(request:Header("Upgrade"), "websocket") then return "no Upgrade: websocket" end
  if not key or #core.base64_decode(key) ~= 16 then return "no Sec-WebSocket-Key" end
  if request:Header("Sec-WebSocket-Version") ~= "13" then return "version" end
end

--- Answers a request for a WebSocket on a connection with the http decoder, which from then on
-- carries it: callback(ws, message), at the end callback(ws, nil, code, reason).
-- @return the WebSocket, or nil and why the request is none (answered with 400 or 426 already)
function websocket.accept(conn, engine, request, callback, options)
  local why = objection(request)
  if why then
    local status = why == "version" and "426 Upgrade Required\r\nSec-WebSocket-Version: 13"
      or "400 Bad Request"
    conn:Send(packet.rawpacket("HTTP/1.1 " .. status .. "\r\nContent-Length: 0\r\n\r\n"))
    return nil, why
  end
  local key = request:Header("Sec-WebSocket-Key")
  local lines = {
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: " .. accept_key(key),
  }
  local protocol = options and options.protocol
  if protocol and has_word(request:Header("Sec-WebSocket-Protocol"), protocol:lower()) then
    lines[#lines + 1] = "Sec-WebSocket-Protocol: " .. protocol
  end
  conn:Send(packet.rawpacket(table.concat(lines, "\r\n") .. "\r\n\r\n"))
  return start(conn, engine, callback, { max = options and options.max })
end

--- The same inside an HTTP server's on_request: the response gives its connection away.
-- @return the WebSocket, or nil and why not (answered already)
function websocket.upgrade(request, response, callback, options)
  local why = objection(request)
  local conn = not why and response.peer.upgrade()
  if conn then return websocket.accept(conn, response.peer.engine, request, callback, options) end
  if why == "version" then
    response:WriteHead(426, "Upgrade Required", { "Sec-WebSocket-Version: 13" })
  else
    response:WriteHead(400, "Bad Request")
  end
  why = why or "answers are under way"
  response:End(why .. "\n")
  return nil, why
end

--- Asks the server at the other end of a connected socket for a WebSocket. on_open(ws), or
-- on_open(nil, why); then callback as in accept.
function websocket.connect(descriptor, engine, host, path, on_open, callback)
  local conn = core.connection(descriptor, 65536, core.decoder.connection.http())
  if not conn then return on_open(nil, "no connection") end
  local nonce = {}
  for index = 1, 16 do
    nonce[index] = string.char(math.random(0, 255))
  end
  local key = core.base64_encode(table.concat(nonce))
  conn:Add2Engine(engine, function(_, response, number)
    if not response then
      conn:Close()
      return on_open(nil, number == 0 and "connection closed" or "error " .. number)
    end
    local is_good = response:StatusCode() == 101
      and has_word(response:Header("Upgrade"), "websocket")
      and response:Header("Sec-WebSocket-Accept") == accept_key(key)
    if not is_good then
      conn:Close()
      return on_open(nil, "refused: " .. response:StatusCode() .. " " .. response:Status())
    end
    on_open(start(conn, engine, callback, { is_client = true }))
  end)
  conn:Send(packet.rawpacket(table.concat({
    "GET " .. path .. " HTTP/1.1",
    "Host: " .. host,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: " .. key,
    "Sec-WebSocket-Version: 13",
  }, "\r\n") .. "\r\n\r\n"))
end

return websocket
