-- Decoders: every stream comes out as the same messages wherever it is cut, and whatever is too
-- large is refused at the byte where the bound is.
local chuck = require("chuck")
local core = require("chuck.core")
local helpers = require("helpers")
local same, run_until = helpers.same, helpers.run_until
local packet = chuck.packet
local decoders = chuck.decoder.connection

local engine = chuck.engine()
local waiting = {}
local acceptor = helpers.listen(engine, 7400, function(fd)
  waiting[#waiting + 1] = fd
end)

local function ends()
  local near = helpers.new_fd()
  same(chuck.socket_helper.connect(near, "127.0.0.1", 7400), 0, "connect")
  run_until(engine, function()
    return #waiting > 0
  end, "accept")
  return near, table.remove(waiting)
end

--- Sends the pieces to a connection with the decoder. @return what came out, as one text
local function decoded(case, pieces, receive_bytes)
  local near, far = ends()
  local came, is_over = {}, false
  local sender = chuck.connection(near, 64)
  sender:Add2Engine(engine, function() end)
  local receiver
  if case.is_later then
    receiver = chuck.socket.stream.socket(far, receive_bytes, case.make())
    receiver:Start(engine, function(message, why)
      came[#came + 1] = message and case.describe(message) or why
      is_over = is_over or not message
    end)
  else
    receiver = chuck.connection(far, receive_bytes, case.make())
    receiver:Add2Engine(engine, function(_, message, number)
      came[#came + 1] = message and case.describe(message) or tostring(number)
      is_over = is_over or not message
    end)
  end
  for _, piece in ipairs(pieces) do
    sender:Send(packet.rawpacket(piece))
    engine:Run(0)
  end
  sender:ShutDownWrite()
  run_until(engine, function()
    return is_over
  end, case.name .. ": the end")
  sender:Close()
  receiver:Close()
  return table.concat(came, case.between or "|")
end

local function later_frame(body)
  return string.pack(">s4", body)
end
local mask = "\1\2\3\4"
local function ws_frame(opcode, bytes, first)
  local frame = core.websocket_frame(opcode, bytes, mask)
  return first and string.char(first) .. frame:sub(2) or frame
end
local function unframed(message)
  return message:Opcode() .. ":" .. message:ReadBin()
end
local function http_text(message)
  local lines = {}
  for _, line in ipairs(message:Headers()) do
    lines[#lines + 1] = line[1] .. "=" .. line[2]
  end
  return table.concat({
    message:Method() or message:StatusCode(),
    message:Url() or message:Status(),
    table.concat(lines, ","),
    message:Content() or "-",
  }, " ")
end

local cases = {
  {
    name = "rpacket",
    make = function()
      return decoders.rpacket(64)
    end,
    stream = "\0\1a\0\0\0\3bcd\0\62" .. ("e"):rep(62) .. "\0\1f",
    describe = function(message)
      local bytes = {}
      local whole = packet.wpacket(message)
      local reader = packet.rpacket(whole)
      local byte = reader:ReadU8()
      while byte ~= 0 do
        bytes[#bytes + 1] = string.char(byte)
        byte = reader:ReadU8()
      end
      return table.concat(bytes)
    end,
    wanted = "a||bcd|" .. ("e"):rep(62) .. "|f|0",
  },
  {
    name = "rawpacket",
    make = function()
      return decoders.rawpacket()
    end,
    stream = "bytes without frames\0\1\2",
    between = "",
    describe = function(message)
      return message:ReadBin()
    end,
    wanted = "bytes without frames\0\1\0020",
  },
  {
    name = "packet.Decoder",
    is_later = true,
    make = function()
      return packet.Decoder(64)
    end,
    stream = later_frame("a") .. later_frame("bcd") .. later_frame(("e"):rep(60)) .. later_frame(
      "f"
    ),
    describe = function(message)
      return packet.Reader(message):ReadRawBytes()
    end,
    wanted = "a|bcd|" .. ("e"):rep(60) .. "|f|chk_error_eof",
  },
  {
    name = "http requests",
    make = function()
      return decoders.http(4096, 4096)
    end,
    stream = "GET /a HTTP/1.1\r\nHost: h\r\nA:  b \r\n\r\n"
      .. "POST /c HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz"
      .. "PUT /d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
      .. "GET /e HTTP/1.0\r\n\r\n",
    describe = http_text,
    wanted = "GET /a Host=h,A=b -|POST /c Content-Length=3 xyz|"
      .. "PUT /d Transfer-Encoding=chunked hello|GET /e  -|0",
  },
  {
    name = "http responses",
    make = function()
      return decoders.http(4096, 4096, "client")
    end,
    stream = "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n"
      .. "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
      .. "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: u\r\n\r\n"
      .. "HTTP/1.1 200 OK\r\n\r\nto the end",
    describe = http_text,
    wanted = "204 No Content A=b -|404 Not Found Content-Length=2 no|"
      .. "200 OK Transfer-Encoding=chunked x|200 OK  to the end|0",
  },
  {
    name = "websocket",
    make = function()
      return decoders.websocket(200)
    end,
    stream = ws_frame(1, "one") .. ws_frame(1, "t", 1) .. ws_frame(9, "ping") .. ws_frame(
      1,
      "w",
      0
    ) .. ws_frame(1, "o é", 0x80) .. ws_frame(2, ("b"):rep(126)) .. ws_frame(10, "") .. ws_frame(
      8,
      "\3\232"
    ),
    describe = unframed,
    wanted = "text:one|ping:ping|text:two é|binary:" .. ("b"):rep(126) .. "|pong:|close:\3\232|0",
  },
}

local function in_pieces(bytes, size)
  local pieces = {}
  for first = 1, #bytes, size do
    pieces[#pieces + 1] = bytes:sub(first, first + size - 1)
  end
  return pieces
end

for _, case in ipairs(cases) do
  local stream = case.stream
  same(decoded(case, { stream }, 4096), case.wanted, case.name .. " in one segment")
  for cut = 1, #stream - 1 do
    local pieces = { stream:sub(1, cut), stream:sub(cut + 1) }
    same(decoded(case, pieces, 4096), case.wanted, case.name .. " cut at " .. cut)
  end
  for size = 1, 9 do
    same(decoded(case, in_pieces(stream, size), 4096), case.wanted, case.name .. " by " .. size)
    same(decoded(case, { stream }, size), case.wanted, case.name .. " read by " .. size)
  end
  -- Two cuts: what is between them ends and begins anywhere.
  for first = 1, math.min(#stream, 40) do
    for second = first + 1, math.min(#stream, 40) do
      local pieces = {
        stream:sub(1, first),
        stream:sub(first + 1, second),
        stream:sub(second + 1),
      }
      same(
        decoded(case, pieces, 4096),
        case.wanted,
        case.name .. " cut at " .. first .. " and " .. second
      )
    end
  end
end

-- Sizes up to the bound come through, the next one is refused, wherever its bytes are cut.
local function at_the_bound(name, is_later, make, frame_of, largest, refusal)
  local case = {
    name = name,
    is_later = is_later,
    make = make,
    describe = function()
      return "message"
    end,
  }
  local good = is_later and "message|chk_error_eof" or "message|0"
  for _, size in ipairs({ largest - 1, largest }) do
    same(decoded(case, { frame_of(size) }, 4096), good, name .. " of " .. size)
  end
  local bad = frame_of(largest + 1) .. frame_of(1)
  for cut = 1, #bad - 1 do
    same(
      decoded(case, { bad:sub(1, cut), bad:sub(cut + 1) }, 4096),
      refusal,
      name .. " too large, cut at " .. cut
    )
  end
end
at_the_bound("rpacket", false, function()
  return decoders.rpacket(50)
end, function(size)
  return string.pack(">s2", ("x"):rep(size))
end, 48, "152")
at_the_bound("packet.Decoder", true, function()
  return packet.Decoder(50)
end, function(size)
  return later_frame(("x"):rep(size))
end, 46, "chk_error_packet_too_large")
at_the_bound("http", false, function()
  return decoders.http(4096, 50)
end, function(size)
  return "POST / HTTP/1.1\r\nContent-Length: " .. size .. "\r\n\r\n" .. ("x"):rep(size)
end, 50, "152")
at_the_bound("http in chunks", false, function()
  return decoders.http(4096, 50)
end, function(size)
  local chunks = ("2\r\nxy\r\n"):rep(size // 2) .. ("1\r\nx\r\n"):rep(size % 2)
  return "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" .. chunks .. "0\r\n\r\n"
end, 50, "152")
at_the_bound("websocket", false, function()
  return decoders.websocket(50)
end, function(size)
  return ws_frame(2, ("x"):rep(size))
end, 50, "152")
at_the_bound("websocket in fragments", false, function()
  return decoders.websocket(50)
end, function(size)
  return ws_frame(2, ("x"):rep(size - 1), 2) .. ws_frame(2, "x", 0x80)
end, 50, "152")

-- A size of nothing: good in the first generation, refused in the later ones.
same(decoded(cases[1], { "\0\0\0\0" }, 4096), "||0", "two empty rpackets")
same(
  decoded(cases[3], { "\0\0\0\0" }, 4096),
  "chk_error_invaild_packet_size",
  "an empty frame of the later generations"
)
-- A frame that its sender did not finish is none.
for cut = 1, 4 do
  same(decoded(cases[1], { ("\0\3abc"):sub(1, cut) }, 4096), "0", "a frame that ends too soon")
end
helpers.refuses("rpacket without a bound", decoders.rpacket)

-- Datagrams: one frame each; what is shorter or longer than it says is dropped.
do
  local helper = chuck.socket_helper
  local fd = helper.socket(helper.AF_INET, helper.SOCK_DGRAM, helper.IPPROTO_UDP)
  same(helper.bind(fd, "127.0.0.1", 7401), 0, "bind")
  local came = {}
  local receiver = chuck.datagram(fd, 1000, chuck.decoder.datagram.rpacket(50))
  receiver:Add2Engine(engine, function(self, message, ip, port)
    same(self, receiver, "the datagram that callbacks get")
    came[#came + 1] = message:ReadStr() .. " from " .. ip .. " " .. tostring(port > 0)
  end)
  local sender =
    chuck.datagram(helper.socket(helper.AF_INET, helper.SOCK_DGRAM, helper.IPPROTO_UDP), 1000)
  local good = packet.wpacket()
  good:WriteStr("good")
  local too_large = "\0\49" .. ("x"):rep(49)
  for _, bytes in ipairs({ "", "\0", "\0\5abc", "\0\1ab", too_large, "\0\1a\0\1b" }) do
    sender:Send(packet.rawpacket(bytes), "127.0.0.1", 7401)
  end
  same(sender:Send(good, "127.0.0.1", 7401), 8, "bytes sent")
  run_until(engine, function()
    return #came > 0
  end, "a datagram")
  engine:Run(1)
  same(table.concat(came, "|"), "good from 127.0.0.1 true", "the good one alone")
  same(sender:Send(packet.rawpacket("x")), -chuck.error.EINVAL, "to nobody")
  same(sender:Send(good, "127.0.0.1", 7401), -chuck.error.EINVIPK, "a packet that was sent")
  sender:Close()
  same(sender:Send(packet.rawpacket("x"), "127.0.0.1", 7401), -140, "closed")
  receiver:Close()
end

-- Redis: replies of every kind, cut at every place.
do
  local replies = "+OK\r\n-ERR no\r\n:-7\r\n$5\r\nhe\r\nl\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
    .. "*4\r\n:1\r\n$-1\r\n*2\r\n+a\r\n*1\r\n$1\r\nb\r\n-inner\r\n:9\r\n"
  local wanted = "OK|ERR no|-7|he\r\nl||nil|nil|{}|{1,nil,{a,{b}},inner}|9"
  local function text(value)
    if type(value) ~= "table" then return tostring(value) end
    local parts = {}
    for index = 1, value[4] and 4 or #value do
      parts[index] = text(value[index])
    end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  local function asked(pieces)
    local conn
    local server = helpers.listen(engine, 7402, function(fd)
      conn = chuck.connection(fd, 65536)
      conn:Add2Engine(engine, function() end)
    end)
    local err, client = chuck.redis.Connect(engine, "127.0.0.1", 7402)
    same(err, nil, "Connect")
    local came = {}
    for index = 1, 10 do
      client:Execute("ask " .. index, function(_, reply)
        came[#came + 1] = text(reply)
      end)
    end
    run_until(engine, function()
      return conn
    end, "the server's end")
    for _, piece in ipairs(pieces) do
      conn:Send(packet.rawpacket(piece))
      engine:Run(0)
    end
    run_until(engine, function()
      return #came == 10
    end, "ten replies")
    client:Close()
    conn:Close()
    server:Close()
    return table.concat(came, "|")
  end
  for cut = 1, #replies - 1 do
    same(asked({ replies:sub(1, cut), replies:sub(cut + 1) }), wanted, "redis cut at " .. cut)
  end
  for size = 1, 5 do
    same(asked(in_pieces(replies, size)), wanted, "redis by " .. size)
  end
  -- Many replies at once, more than one read takes.
  do
    local conn
    local server = helpers.listen(engine, 7402, function(fd)
      conn = chuck.connection(fd, 65536)
      conn:Add2Engine(engine, function() end)
    end)
    local _, client = chuck.redis.Connect(engine, "127.0.0.1", 7402)
    local count = 0
    for _ = 1, 30000 do
      client:Execute("ask", function(_, reply)
        count = count + (reply == 77 and 1 or 0)
      end)
    end
    run_until(engine, function()
      return conn
    end, "the server's end")
    conn:Send(packet.rawpacket((":77\r\n"):rep(30000))) -- reads end in the middle of lines
    run_until(engine, function()
      return count == 30000
    end, "all replies")
    client:Close()
    conn:Close()
    server:Close()
  end
  -- What is no reply ends the client, once.
  for _, nonsense in ipairs({ "hello\r\n", ":x\r\n", "$x\r\n", "$3\r\nabcd\r\n", "*y\r\n" }) do
    local conn
    local server = helpers.listen(engine, 7402, function(fd)
      conn = chuck.connection(fd, 65536)
      conn:Add2Engine(engine, function() end)
      conn:Send(packet.rawpacket(nonsense))
    end)
    local told = {}
    local _, client = chuck.redis.Connect(engine, "127.0.0.1", 7402, function(self, number)
      told[#told + 1] = number
      same(self:Execute("get k"), "query error", "after a protocol error")
    end)
    run_until(engine, function()
      return #told > 0
    end, "the error")
    engine:Run(1)
    same(table.concat(told, ","), "146", "ERDISPERROR, once")
    client:Close()
    conn:Close()
    server:Close()
  end
end

acceptor:Close()
print("decoders hold")
