-- WebSocket: the handshake of the RFC, messages both ways, and frames as Autobahn's suite tries
-- them.
local chuck = require("chuck")
local core = require("chuck.core")
local helpers = require("helpers")
local same, run_until = helpers.same, helpers.run_until
local packet, websocket = chuck.packet, chuck.websocket

local engine = chuck.engine()
local closed
local acceptor = helpers.listen(engine, 7300, function(fd)
  local conn
  conn = chuck.connection(fd, 65536, chuck.decoder.connection.http())
  conn:Add2Engine(engine, function(_, request)
    if not request then return conn:Close() end
    websocket.accept(conn, engine, request, function(ws, message, code, reason)
      if not message then
        closed = { code, reason }
      else
        ws:Send(message:ReadBin(), message:Opcode())
      end
    end, { max = 100000 })
  end)
end)

-- The RFC's own example of a handshake.
local function connect()
  local fd = helpers.new_fd()
  same(chuck.socket_helper.connect(fd, "127.0.0.1", 7300), 0, "connect")
  return fd
end
local upgrade = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
  .. "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
  .. "Sec-WebSocket-Version: 13\r\n\r\n"

local function raw()
  local self = { got = "" }
  self.conn = chuck.connection(connect(), 65536)
  self.conn:Add2Engine(engine, function(_, p)
    if p then
      self.got = self.got .. p:ReadBin()
    else
      self.is_closed = true
    end
  end)
  function self.send(_, bytes)
    self.conn:Send(packet.rawpacket(bytes))
  end
  self:send(upgrade)
  run_until(engine, function()
    return self.got:find("\r\n\r\n", 1, true)
  end, "the handshake")
  same(
    self.got:find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 1, true) ~= nil,
    true,
    "accept key"
  )
  self.got = ""
  return self
end

local mask = "\1\2\3\4"
local function frame(opcode, bytes)
  return core.websocket_frame(opcode, bytes, mask)
end
local function unmasked(opcode, bytes)
  return core.websocket_frame(opcode, bytes)
end
--- A frame by hand: first byte, body, always masked.
local function by_hand(first, bytes)
  return string.char(first) .. frame(1, bytes):sub(2)
end

-- Echoes of every length's form, the frame cut in two.
for _, size in ipairs({ 0, 1, 125, 126, 127, 128, 65535, 65536, 100000 }) do
  local peer = raw()
  local bytes = ("*"):rep(size)
  for _, opcode in ipairs({ 1, 2 }) do
    local whole = frame(opcode, bytes)
    local cut = math.min(#whole - 1, 3)
    peer.got = ""
    peer:send(whole:sub(1, cut))
    engine:Run(1)
    peer:send(whole:sub(cut + 1))
    local wanted = unmasked(opcode, bytes)
    run_until(engine, function()
      return #peer.got >= #wanted
    end, size .. " bytes")
    same(peer.got == wanted, true, "the echo of " .. size)
  end
  peer.conn:Close()
end

-- Fragments, a ping between them, and everything in single bytes.
local peer = raw()
local fragments = by_hand(0x01, "Hel")
  .. frame(9, "ping")
  .. by_hand(0x00, "")
  .. by_hand(0x80, "lo €")
for byte in fragments:gmatch(".") do
  peer:send(byte)
  engine:Run(1)
end
local wanted = unmasked(10, "ping") .. unmasked(1, "Hello €")
run_until(engine, function()
  return #peer.got >= #wanted
end, "the fragments")
same(peer.got, wanted, "pong, then the message")
peer.got = ""
peer:send(frame(10, "unasked"))
peer:send(frame(8, "\3\232bye"))
run_until(engine, function()
  return peer.is_closed
end, "the close")
same(peer.got, unmasked(8, "\3\232"), "close answers close")
same(closed[1], 1000, "its number")
same(closed[2], "bye", "its words")
peer.conn:Close()

local forbidden = {
  { "an unmasked frame", unmasked(1, "x"), 1002 },
  { "a reserved bit", by_hand(0xC1, "x"), 1002 },
  { "a reserved opcode", by_hand(0x83, "x"), 1002 },
  { "a reserved control opcode", by_hand(0x8B, "x"), 1002 },
  { "a fragmented ping", by_hand(0x09, "x"), 1002 },
  { "a ping of 126 bytes", by_hand(0x89, ("x"):rep(126)), 1002 },
  { "a continuation of nothing", by_hand(0x80, "x"), 1002 },
  { "a text within a text", by_hand(0x01, "x") .. frame(1, "y"), 1002 },
  { "a close of one byte", frame(8, "x"), 1002 },
  { "a close with 1005", frame(8, string.pack(">I2", 1005)), 1002 },
  { "a close with 999", frame(8, string.pack(">I2", 999)), 1002 },
  { "a close with bad UTF-8", frame(8, "\3\232\xff"), 1007 },
  {
    "a text that is no UTF-8",
    frame(1, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"),
    1007,
  },
  { "an overlong sequence", frame(1, "\xc0\xaf"), 1007 },
  { "a sequence that ends too soon", frame(1, "\xe2\x82"), 1007 },
  { "beyond Unicode", frame(1, "\xf4\x90\x80\x80"), 1007 },
  { "a length not in its shortest form", "\129\254\0\5" .. mask .. "xxxxx", 1002 },
  { "a message too large", frame(2, ("x"):rep(100001)), 1009 },
  {
    "fragments too large",
    by_hand(0x02, ("x"):rep(60000)) .. by_hand(0x80, ("x"):rep(60000)),
    1009,
  },
}
for _, case in ipairs(forbidden) do
  local what, bytes, code = table.unpack(case)
  peer = raw()
  peer:send(bytes)
  run_until(engine, function()
    return peer.is_closed
  end, what)
  same(peer.got, unmasked(8, string.pack(">I2", code)), what)
  peer.conn:Close()
end
for _, text in ipairs({ "", "κόσμε", "\u{10FFFF}", "\u{7FF}\u{800}\u{FFFF}\u{10000}" }) do
  peer = raw()
  peer:send(frame(1, text))
  run_until(engine, function()
    return peer.got == unmasked(1, text)
  end, "good UTF-8")
  peer.conn:Close()
end

-- Requests that are no WebSocket.
for what, bad in pairs({
  ["no key"] = upgrade:gsub("Sec%-WebSocket%-Key[^\n]*\n", ""),
  ["a POST"] = upgrade:gsub("GET", "POST"),
  ["no upgrade"] = upgrade:gsub("Upgrade: websocket", "Upgrade: h2c"),
}) do
  local conn, got = chuck.connection(connect(), 65536), ""
  conn:Add2Engine(engine, function(_, p)
    got = got .. (p and p:ReadBin() or "")
  end)
  conn:Send(packet.rawpacket(bad))
  run_until(engine, function()
    return #got > 0
  end, what)
  same(got:sub(1, 12), "HTTP/1.1 400", what)
  conn:Close()
end

-- Our client and our server.
local said, ended, socket = {}, nil, nil
websocket.connect(connect(), engine, "127.0.0.1:7300", "/", function(ws, why)
  same(why, nil, "on_open")
  socket = ws
  ws:Send("from the client")
  ws:Send("\0\1\2", "binary")
  ws:Ping("are you there")
end, function(_, message, code)
  if message then
    said[#said + 1] = message:Opcode() .. ":" .. message:ReadBin()
  else
    ended = code
  end
end)
run_until(engine, function()
  return #said == 2
end, "two echoes")
same(said[1], "text:from the client", "text")
same(said[2], "binary:\0\1\2", "binary")
socket:Close(1000, "done")
run_until(engine, function()
  return ended
end, "the goodbye")
same(ended, 1000, "its number")
same(socket:Send("late"), -chuck.error.ESOCKCLOSE, "Send after Close")
acceptor:Close()
print("websocket hold")
os.exit(0)
