-- What Autobahn's test suite asks of a WebSocket server, group by group with its numbers: framing
-- (1), pings (2), reserved bits (3), opcodes (4), fragments (5), UTF-8 (6), closing (7), sizes (9),
-- many messages (10), and compression (12, 13), which is declined. The server echoes.
local chuck = require("chuck")
local core = require("chuck.core")
local helpers = require("helpers")
local same, run_until = helpers.same, helpers.run_until
local packet, websocket = chuck.packet, chuck.websocket

local engine = chuck.engine()
local largest = 4 * 1024 * 1024
local over -- how the server's end was told
local acceptor = helpers.listen(engine, 7500, function(fd)
  local conn
  conn = chuck.connection(fd, 65536, chuck.decoder.connection.http())
  conn:Add2Engine(engine, function(_, request)
    if not request then return conn:Close() end
    websocket.accept(conn, engine, request, function(ws, message, code, reason)
      if message then return ws:Send(message:ReadBin(), message:Opcode()) end
      over = { code, reason }
    end, { max = largest })
  end)
end)

local mask = "\18\52\86\120"
local text, binary, close, ping, pong = 1, 2, 8, 9, 10

--- What a client sends: a frame whose first byte may be another than that of a whole one.
local function frame(opcode, bytes, first)
  local masked
  if first and opcode > 7 and #bytes > 125 then
    masked = core.websocket_frame(binary, bytes, mask)
  else
    masked = core.websocket_frame(opcode, bytes, mask)
  end
  return first and string.char(first) .. masked:sub(2) or masked
end
--- What the server answers.
local function echo(opcode, bytes)
  return core.websocket_frame(opcode, bytes)
end
local function closing(code, reason)
  return string.pack(">I2", code) .. (reason or "")
end

local function upgrade(...)
  return table.concat({
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Upgrade: WebSocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
    "Sec-WebSocket-Version: 13",
    ...,
  }, "\r\n") .. "\r\n\r\n"
end

--- A client by hand. @return it, and the head that the server answered with
local function open(...)
  local fd = helpers.new_fd()
  same(chuck.socket_helper.connect(fd, "127.0.0.1", 7500), 0, "connect")
  local peer = { got = {}, size = 0, conn = chuck.connection(fd, 65536) }
  peer.conn:Add2Engine(engine, function(_, p)
    if not p then
      peer.is_over = true
      return
    end
    local bytes = p:ReadBin()
    peer.got[#peer.got + 1] = bytes
    peer.size = peer.size + #bytes
  end)
  function peer.send(bytes)
    same(helpers.is_sent(peer.conn:Send(packet.rawpacket(bytes))), true, "sent")
  end
  function peer.all()
    return table.concat(peer.got)
  end
  over = nil
  peer.send(upgrade(...))
  run_until(engine, function()
    return peer.all():find("\r\n\r\n", 1, true)
  end, "the handshake")
  local head = peer.all()
  peer.got, peer.size = {}, 0
  return peer, head
end

--- Sends the pieces, expects these bytes and nothing else, then the end when a close is among them.
local function case(number, pieces, wanted, ends)
  local peer = open()
  if type(pieces) == "string" then pieces = { pieces } end
  for _, piece in ipairs(pieces) do
    if peer.is_over then break end
    peer.conn:Send(packet.rawpacket(piece))
    engine:Run(0)
  end
  run_until(engine, function()
    return peer.is_over or (not ends and peer.size >= #wanted)
  end, number)
  same(peer.all() == wanted, true, number .. "'s answer")
  same(peer.is_over == true, ends ~= nil, number .. "'s end")
  if not ends then
    -- It still works, and says goodbye in order.
    peer.got, peer.size = {}, 0
    peer.send(frame(close, closing(1000)))
    run_until(engine, function()
      return peer.is_over
    end, number .. "'s goodbye")
    same(peer.all(), echo(close, closing(1000)), number .. "'s goodbye")
  end
  peer.conn:Close()
  return over
end
local function refused(number, pieces, code, before)
  case(number, pieces, (before or "") .. echo(close, closing(code)), "ends")
  same(over[1], code, number .. ": what the server is told")
end
local function in_pieces(bytes, size)
  local pieces = {}
  for first = 1, #bytes, size do
    pieces[#pieces + 1] = bytes:sub(first, first + size - 1)
  end
  return pieces
end

-- 1. Text and binary of every length's form, at once and in pieces of 997 bytes.
for group, opcode in ipairs({ text, binary }) do
  for index, size in ipairs({ 0, 125, 126, 127, 128, 65535, 65536 }) do
    local bytes = ("*"):rep(size)
    case("1." .. group .. "." .. index, frame(opcode, bytes), echo(opcode, bytes))
  end
  local bytes = ("*"):rep(65536)
  case("1." .. group .. ".8", in_pieces(frame(opcode, bytes), 997), echo(opcode, bytes))
end

-- 2. Pings and pongs.
case("2.1", frame(ping, ""), echo(pong, ""))
case("2.2", frame(ping, "Hello, world!"), echo(pong, "Hello, world!"))
case("2.3", frame(ping, "\0\255\254\253\252\251\0\255"), echo(pong, "\0\255\254\253\252\251\0\255"))
case("2.4", frame(ping, ("\254"):rep(125)), echo(pong, ("\254"):rep(125)))
refused("2.5", frame(ping, ("\254"):rep(126), 0x89), 1002)
case("2.6", in_pieces(frame(ping, ("\254"):rep(125)), 1), echo(pong, ("\254"):rep(125)))
case("2.7", frame(pong, "") .. frame(ping, "a"), echo(pong, "a"))
case("2.8", frame(pong, "unsolicited") .. frame(ping, "a"), echo(pong, "a"))
case("2.9", frame(pong, "unsolicited") .. frame(ping, "ping"), echo(pong, "ping"))
do
  local pings, pongs = {}, {}
  for index = 1, 10 do
    pings[index], pongs[index] = frame(ping, "payload " .. index), echo(pong, "payload " .. index)
  end
  case("2.10", table.concat(pings), table.concat(pongs))
  case("2.11", in_pieces(table.concat(pings), 1), table.concat(pongs))
end

-- 3. Reserved bits: nobody has agreed on what they mean.
local small = "Hello, world!"
refused("3.1", frame(text, small, 0x91), 1002)
refused(
  "3.2",
  frame(text, small) .. frame(text, small, 0xA1) .. frame(ping, ""),
  1002,
  echo(text, small)
)
refused(
  "3.3",
  { frame(text, small), frame(text, small, 0xB1), frame(ping, "") },
  1002,
  echo(text, small)
)
refused(
  "3.4",
  in_pieces(frame(text, small) .. frame(text, small, 0xC1), 1),
  1002,
  echo(text, small)
)
refused("3.5", frame(binary, ("\255"):rep(8), 0xD2), 1002)
refused("3.6", frame(ping, small, 0xE9), 1002)
refused("3.7", frame(close, closing(1000), 0xF8), 1002)

-- 4. Opcodes that nobody has given a meaning.
for index, opcode in ipairs({ 3, 4, 5, 6, 7 }) do
  refused(
    "4.1." .. index,
    frame(text, small) .. frame(text, "x", 0x80 + opcode),
    1002,
    echo(text, small)
  )
end
for index, opcode in ipairs({ 11, 12, 13, 14, 15 }) do
  refused(
    "4.2." .. index,
    frame(text, small) .. frame(text, "", 0x80 + opcode),
    1002,
    echo(text, small)
  )
end

-- 5. Fragments.
local function piece(opcode, bytes, is_last)
  return frame(text, bytes, opcode + (is_last and 0x80 or 0))
end
local two = piece(text, "fragment1") .. piece(0, "fragment2", true)
local whole = echo(text, "fragment1fragment2")
refused("5.1", piece(ping, "fragment1") .. piece(0, "fragment2", true), 1002)
refused("5.2", piece(pong, "fragment1") .. piece(0, "fragment2", true), 1002)
case("5.3", { piece(text, "fragment1"), piece(0, "fragment2", true) }, whole)
case("5.4", two, whole)
case("5.5", in_pieces(two, 1), whole)
local between = { piece(text, "fragment1"), frame(ping, "ping"), piece(0, "fragment2", true) }
case("5.6", between, echo(pong, "ping") .. whole)
case("5.7", table.concat(between), echo(pong, "ping") .. whole)
case("5.8", in_pieces(table.concat(between), 1), echo(pong, "ping") .. whole)
local stray = { piece(0, "not a continuation", true), frame(text, small) }
refused("5.9", stray, 1002)
refused("5.10", table.concat(stray), 1002)
refused("5.11", in_pieces(table.concat(stray), 1), 1002)
stray = { piece(0, "not a continuation"), frame(text, small) }
refused("5.12", stray, 1002)
refused("5.13", table.concat(stray), 1002)
refused("5.14", in_pieces(table.concat(stray), 1), 1002)
refused("5.15", two .. piece(0, "3") .. piece(text, "4", true), 1002, whole)
for index = 16, 17 do
  local is_last = index == 17
  refused(
    "5." .. index,
    (piece(0, "1", is_last) .. piece(text, "2") .. piece(0, "3", true)):rep(2),
    1002
  )
end
refused("5.18", piece(text, "fragment1") .. piece(text, "fragment2", true), 1002)
local five = {
  piece(text, "fragment1"),
  piece(0, "fragment2"),
  frame(ping, "pongme 1!"),
  piece(0, "fragment3"),
  piece(0, "fragment4"),
  frame(ping, "pongme 2!"),
  piece(0, "fragment5", true),
}
local all_five = echo(pong, "pongme 1!")
  .. echo(pong, "pongme 2!")
  .. echo(text, "fragment1fragment2fragment3fragment4fragment5")
case("5.19", table.concat(five), all_five)
case("5.20", in_pieces(table.concat(five), 1), all_five)

-- 6. UTF-8.
case("6.1.1", frame(text, ""), echo(text, ""))
case("6.1.2", piece(text, "") .. piece(0, "") .. piece(0, "", true), echo(text, ""))
case("6.1.3", piece(text, "") .. piece(0, "middle") .. piece(0, "", true), echo(text, "middle"))
local greek = "Hello-µ@ßöäüàá-UTF-8!!"
case("6.2.1", frame(text, greek), echo(text, greek))
for index, size in ipairs({ 13, 1 }) do -- inside and between code points
  local parts = {}
  for at, bytes in ipairs(in_pieces(greek, size)) do
    parts[at] = piece(at == 1 and text or 0, bytes)
  end
  parts[#parts + 1] = piece(0, "", true)
  case("6.2." .. index + 1, table.concat(parts), echo(text, greek))
end
case("6.2.4", frame(text, "κόσμε"), echo(text, "κόσμε"))
local surrogate = "κόσμε\xed\xa0\x80edited"
refused("6.3.1", frame(text, surrogate), 1007)
do
  local parts = {}
  for at, bytes in ipairs(in_pieces(surrogate, 1)) do
    parts[at] = piece(at == 1 and text or 0, bytes)
  end
  refused("6.3.2", table.concat(parts), 1007)
end
-- 6.4: refused as soon as it cannot become good, although the message, or the frame, goes on.
refused("6.4.1", { piece(text, "κόσμε"), piece(0, "\xf4\x90\x80\x80") }, 1007)
refused("6.4.2", { piece(text, "κόσμε"), piece(0, "\xf4\x90") }, 1007)
local unfinished = frame(text, "κόσμε\xf4\x90\x80\x80edited")
refused("6.4.3", { unfinished:sub(1, -9), unfinished:sub(-8, -7) }, 1007)
refused("6.4.4", in_pieces(unfinished:sub(1, -9), 1), 1007)
local good = {
  { "6.5.1", "κ" },
  { "6.5.2", "κό" },
  { "6.5.3", "κόσ" },
  { "6.5.4", "κόσμ" },
  { "6.5.5", "κόσμε" },
  { "6.7.1", "\0" },
  { "6.7.2", "\xc2\x80" },
  { "6.7.3", "\xe0\xa0\x80" },
  { "6.7.4", "\xf0\x90\x80\x80" },
  { "6.9.1", "\x7f" },
  { "6.9.2", "\xdf\xbf" },
  { "6.9.3", "\xef\xbf\xbf" },
  { "6.9.4", "\xf4\x8f\xbf\xbf" },
  { "6.11.1", "\xed\x9f\xbf" },
  { "6.11.2", "\xee\x80\x80" },
  { "6.11.3", "\xef\xbf\xbd" },
  { "6.11.4", "\xf4\x8f\xbf\xbf" },
  { "6.23.1", "\xef\xbf\xbe" },
  { "6.23.2", "\xef\xbf\xbf" },
}
for plane = 1, 16 do -- what is no character, but may be sent
  local noncharacter = utf8.char(plane * 0x10000 + 0xfffe)
  good[#good + 1] = { "6.22." .. plane, noncharacter }
end
for _, one in ipairs(good) do
  case(one[1], frame(text, one[2]), echo(text, one[2]))
end
local bad = {
  { "6.6.1", "\xce" },
  { "6.6.3", "κ\xe1" },
  { "6.6.4", "κ\xe1\xbd" },
  { "6.6.6", "κό\xcf" },
  { "6.6.8", "κόσ\xce" },
  { "6.6.10", "κόσμ\xce" },
  { "6.8.1", "\xf8\x88\x80\x80\x80" },
  { "6.8.2", "\xfc\x84\x80\x80\x80\x80" },
  { "6.10.1", "\xf7\xbf\xbf\xbf" },
  { "6.10.2", "\xfb\xbf\xbf\xbf\xbf" },
  { "6.10.3", "\xfd\xbf\xbf\xbf\xbf\xbf" },
  { "6.11.5", "\xf4\x90\x80\x80" },
  { "6.12.1", "\x80" },
  { "6.12.2", "\xbf" },
  { "6.12.8", ("\x80"):rep(7) },
  { "6.13.1", "\xc0 \xc1 \xc2 \xdf " },
  { "6.13.2", "\xe0 \xef " },
  { "6.13.3", "\xf0 \xf4 \xf7 " },
  { "6.14.1", "\xc0" },
  { "6.14.2", "\xe0\x80" },
  { "6.14.3", "\xf0\x80\x80" },
  { "6.14.6", "\xdf" },
  { "6.14.7", "\xef\xbf" },
  { "6.14.8", "\xf7\xbf\xbf" },
  { "6.15.1", "\xc0\xe0\x80\xf0\x80\x80" },
  { "6.16.1", "\xfe" },
  { "6.16.2", "\xff" },
  { "6.17.1", "\xc0\xaf" },
  { "6.17.2", "\xe0\x80\xaf" },
  { "6.17.3", "\xf0\x80\x80\xaf" },
  { "6.18.1", "\xc1\xbf" },
  { "6.18.2", "\xe0\x9f\xbf" },
  { "6.18.3", "\xf0\x8f\xbf\xbf" },
  { "6.19.1", "\xc0\x80" },
  { "6.19.2", "\xe0\x80\x80" },
  { "6.19.3", "\xf0\x80\x80\x80" },
  { "6.20.1", "\xed\xa0\x80" },
  { "6.20.2", "\xed\xad\xbf" },
  { "6.20.4", "\xed\xaf\xbf" },
  { "6.20.7", "\xed\xbf\xbf" },
  { "6.21.1", "\xed\xa0\x80\xed\xb0\x80" },
  { "6.21.8", "\xed\xaf\xbf\xed\xbf\xbf" },
}
for _, one in ipairs(bad) do
  refused(one[1], frame(text, one[2]), 1007)
  case(one[1] .. " as binary", frame(binary, one[2]), echo(binary, one[2]))
end

-- 7. Closing.
local goodbye = frame(close, closing(1000))
local answered = echo(close, closing(1000))
case("7.1.1", frame(text, small) .. goodbye, echo(text, small) .. answered, "ends")
case("7.1.2", goodbye .. goodbye, answered, "ends")
case("7.1.3", goodbye .. frame(ping, ""), answered, "ends")
case("7.1.4", goodbye .. frame(text, small), answered, "ends")
case("7.1.5", piece(text, "fragment1") .. goodbye .. piece(0, "fragment2", true), answered, "ends")
local large = ("BAsd7&jh23"):rep(26214)
case(
  "7.1.6",
  frame(text, large) .. goodbye .. frame(ping, ""),
  echo(text, large) .. answered,
  "ends"
)
local function told(number, pieces, wanted, code, reason)
  case(number, pieces, wanted, "ends")
  same(over[1], code, number .. "'s code")
  same(over[2], reason, number .. "'s reason")
end
told("7.3.1", frame(close, ""), echo(close, ""), 1005, "")
refused("7.3.2", frame(close, "a"), 1002)
told("7.3.3", goodbye, answered, 1000, "")
told("7.3.4", frame(close, closing(1000, small)), answered, 1000, small)
local longest = ("*"):rep(123)
told("7.3.5", frame(close, closing(1000, longest)), answered, 1000, longest)
refused("7.3.6", frame(close, closing(1000, longest .. "*"), 0x88), 1002)
refused("7.5.1", frame(close, closing(1000, surrogate)), 1007)
for index, code in ipairs({
  1000,
  1001,
  1002,
  1003,
  1007,
  1008,
  1009,
  1010,
  1011,
  3000,
  3999,
  4000,
  4999,
}) do
  told("7.7." .. index, frame(close, closing(code)), echo(close, closing(code)), code, "")
end
for index, code in ipairs({ 0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535 }) do
  refused("7.9." .. index, frame(close, closing(code)), 1002)
end

-- 9. Sizes: large messages whole, in fragments, in pieces; the largest, and one byte more.
for index, size in ipairs({ 65536, 262144, 1048576, largest }) do
  for group, opcode in ipairs({ text, binary }) do
    local bytes = ("*"):rep(size)
    case("9." .. group .. "." .. index, in_pieces(frame(opcode, bytes), 60000), echo(opcode, bytes))
  end
end
for index, size in ipairs({ 64, 4096, 65536 }) do
  local bytes = ("*"):rep(size * 16)
  local parts = {}
  for at, part in ipairs(in_pieces(bytes, size)) do
    parts[at] = piece(at == 1 and text or 0, part, at == 16)
  end
  case("9.3." .. index, parts, echo(text, bytes))
  parts[1] = piece(binary, bytes:sub(1, size))
  case("9.4." .. index, parts, echo(binary, bytes))
end
for index, size in ipairs({ 64, 128, 256, 512, 1024, 2048 }) do
  local bytes = ("*"):rep(65536)
  case("9.5." .. index, in_pieces(frame(text, bytes), size), echo(text, bytes))
end
refused("9 too large", frame(binary, ("*"):rep(largest + 1)):sub(1, 100), 1009)
refused("9 too large by its length", "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" .. mask, 1009)
refused("9 too large in parts", piece(binary, ("*"):rep(largest)) .. piece(0, "*", true), 1009)
for index, size in ipairs({ 0, 16, 64, 256, 1024 }) do -- 9.7 and 9.8: many small ones
  local one, answer = frame(text, ("*"):rep(size)), echo(text, ("*"):rep(size))
  case("9.7." .. index, in_pieces(one:rep(500), 50000), answer:rep(500))
end

-- 10. A message in fragments of another size than the reads.
do
  local bytes = ("*"):rep(65536)
  local parts = {}
  for at, part in ipairs(in_pieces(bytes, 1300)) do
    parts[at] = piece(at == 1 and text or 0, part, at * 1300 >= 65536)
  end
  case("10.1.1", parts, echo(text, bytes))
end

-- 12, 13. Compression is declined: the offer is passed over, a compressed frame is none.
do
  local peer, head = open("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
  same(head:match("^HTTP/1.1 (%d+) "), "101", "an offer of compression")
  same(head:lower():find("sec-websocket-extensions", 1, true), nil, "is not taken up")
  peer.send(frame(text, small))
  run_until(engine, function()
    return peer.size > 0
  end, "an echo")
  same(peer.all(), echo(text, small), "messages go as they are")
  peer.send(frame(text, "\xf2\x48\xcd\xc9\xc9\x07\x00", 0xC1))
  run_until(engine, function()
    return peer.is_over
  end, "the refusal")
  same(peer.all(), echo(text, small) .. echo(close, closing(1002)), "a compressed frame")
  peer.conn:Close()
end

-- Frames without a mask are refused (5.1 of the RFC), so are lengths in too long a form (5.2).
refused("no mask", echo(text, "x"), 1002)
refused("126 for 5", "\129\254\0\5" .. mask .. "xxxxx", 1002)
refused("127 for 126", "\129\255" .. string.pack(">I8", 126) .. mask .. ("x"):rep(126), 1002)

-- The peer goes without a word: 1006.
do
  local peer = open()
  peer.conn:Close()
  run_until(engine, function()
    return over
  end, "the end")
  same(over[1], 1006, "no goodbye")
end
acceptor:Close()
print("autobahn hold")
