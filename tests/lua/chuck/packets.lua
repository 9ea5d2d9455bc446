-- Packets: the wire vectors of both generations byte for byte, what sharing means, and where the
-- limits are. Prints nothing but failures and a last line.
local chuck = require("chuck")
local packet, buffer = chuck.packet, chuck.buffer

local function bytes(hex)
  return (
    hex:gsub("%s", ""):gsub("..", function(pair)
      return string.char(tonumber(pair, 16))
    end)
  )
end

local function hex(text)
  return (text:gsub(".", function(byte)
    return string.format("%02x", byte:byte())
  end))
end

local function same(got, wanted, what)
  if got ~= wanted then
    error(what .. ": got " .. tostring(got) .. ", wanted " .. tostring(wanted), 2)
  end
end

local function refuses(what, f, ...)
  local ok, why = pcall(f, ...)
  if ok then error(what .. " was not refused", 2) end
  return why
end

-- The bytes that a wpacket sends, by way of a connection in this machine.
local engine = chuck.engine()
local helper = chuck.socket_helper
local listener = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
same(helper.listen(listener, "127.0.0.1", 7000), 0, "listen")
local outgoing, incoming
local acceptor = chuck.acceptor(listener)
acceptor:Add2Engine(engine, function(fd)
  incoming = chuck.connection(fd, 65536)
  engine:Stop()
end)
local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
same(helper.connect(fd, "127.0.0.1", 7000), 0, "a blocking connect")
outgoing = chuck.connection(fd, 65536)
outgoing:Add2Engine(engine, function() end)
engine:Run()
local arrived, wanted_size = "", 0
incoming:Add2Engine(engine, function(_, raw)
  arrived = arrived .. raw:ReadBin()
  if #arrived >= wanted_size then engine:Stop() end
end)

local function wire(w)
  arrived, wanted_size = "", 1
  local result = outgoing:Send(w)
  if result < 0 and result ~= -chuck.error.EAGAIN then error("Send: " .. result) end
  if result > 0 then wanted_size = result end
  repeat
    engine:Run(50)
    local size = #arrived >= 2 and string.unpack(">I2", arrived) + 2 or math.huge
  until #arrived >= size
  return arrived
end

-- 2.2, both directions.
local w = packet.wpacket()
w:WriteU8(1)
w:WriteU16(0x1234)
w:WriteU32(0x12345678)
w:WriteStr("hello")
same(hex(wire(packet.clone(w))), "000e01123412345678000568656c6c6f", "plain fields")
local r = packet.rpacket(w)
same(r:ReadU8(), 1, "U8")
same(r:ReadU16(), 0x1234, "U16")
same(r:ReadU32(), 0x12345678, "U32")
same(r:ReadStr(), "hello", "Str")
same(r:ReadU8(), 0, "past the end")
same(r:ReadStr(), nil, "past the end")
same(r:ReadNum(), 0.0, "past the end")
same(r:ReadTab(), nil, "past the end")

local function tables(made, wanted, what)
  local holder = packet.wpacket()
  holder:WriteTab(made)
  local copy = packet.rpacket(holder):ReadTab()
  same(hex(wire(holder)), hex(bytes(wanted)), what)
  return copy
end

tables({}, "0005 01 00000000", "an empty table")
local nested = "0017 01 00000001 02 0001 61 01 00000001 02 0001 62 01 00000000"
tables({ a = { b = {} } }, nested, "tables in tables")
local list = tables(
  { 1, 300, 70000, 2 ^ 40, true, false, "x", -5, 0 },
  "003c 01 00000009 0501 0501 0502 06012c 0503 0700011170 0504 080000010000000000 0505 0301"
    .. "0506 0300"
    .. "0507 02000178 0508 0bfffffffb 0509 0b00000000",
  "a list of everything"
)
for index, value in ipairs({ 1, 300, 70000, 2 ^ 40, true, false, "x", -5, 0 }) do
  same(list[index], value, "element " .. index)
end

local seed = packet.wpacket(512)
seed:WriteTab({ i = 1, j = 2, k = 3, l = 4, z = 5 })
local sent = wire(packet.clone(seed))
same(#sent, 37, "the seed's first packet")
same(hex(sent:sub(1, 2)), "0023", "its length")
for name, value in pairs(packet.rpacket(seed):ReadTab()) do
  same(value, ({ i = 1, j = 2, k = 3, l = 4, z = 5 })[name], name)
end

w = packet.wpacket()
w:WriteU8(-1)
w:WriteU8(300)
w:WriteU8(3.7)
w:WriteU16(-2)
w:WriteU32(-1)
same(hex(wire(packet.clone(w)):sub(3)), "ff2c00fffeffffffff", "cut to their width")
r = packet.rpacket(w)
same(r:ReadI8(), -1, "I8")
r:ReadU8()
r:ReadU8()
same(r:ReadI16(), -2, "I16")
same(r:ReadI32(), -1, "I32")

-- What upstream lost: doubles, fractions and deep negatives in tables, empty strings, big tables.
w = packet.wpacket()
w:WriteNum(3.25)
w:WriteNum(-1 / 3)
w:WriteStr("")
w:WriteTab({ 1.5, -2 ^ 40, math.mininteger, math.maxinteger, "", {}, 0.1, 1 / 0 })
r = packet.rpacket(w)
same(r:ReadNum(), 3.25, "a double")
same(r:ReadNum(), -1 / 3, "a double")
same(r:ReadStr(), "", "an empty string")
local back = r:ReadTab()
same(back[1], 1.5, "a fraction")
same(back[2], -2 ^ 40, "a deep negative")
same(math.type(back[2]), "integer", "a float without fraction")
same(back[3], math.mininteger, "the least integer")
same(back[4], math.maxinteger, "the largest integer")
same(back[5], "", "an empty string in a table")
same(next(back[6]), nil, "an empty table in a table")
same(back[7], 0.1, "a double in a table")
same(back[8], 1 / 0, "infinity")
w = packet.wpacket()
w:WriteNum(1.5)
same(hex(wire(w):sub(3)), "000000000000f83f", "doubles are little-endian")

-- 65535 bytes with the header, and not one more; what does not fit leaves the packet as it was.
w = packet.wpacket()
w:WriteStr(("x"):rep(65531))
same(#wire(packet.clone(w)), 65535, "the largest packet")
same(#packet.rpacket(w):ReadStr(), 65531, "its string")
refuses("one byte more", w.WriteU8, w, 1)
same(#wire(packet.clone(w)), 65535, "after a refused write")
w = packet.wpacket()
w:WriteU8(7)
refuses("a table too large", w.WriteTab, w, { ("y"):rep(40000), ("z"):rep(40000) })
refuses("a table with a metatable", w.WriteTab, w, setmetatable({}, {}))
local cycle = {}
cycle.own = cycle
refuses("a cycle", w.WriteTab, w, cycle)
same(hex(wire(w)), "000107", "after refused tables")
w = packet.wpacket()
local shared = { 1 }
w:WriteTab({ a = shared, b = shared, f = print, [true] = 1 })
back = packet.rpacket(w):ReadTab()
same(back.a[1] + back.b[1], 2, "a table that occurs twice")
same(back.f, nil, "a function is left out")

-- 8.1.9: an rpacket goes on where its source stands, a wpacket holds the whole body.
w = packet.wpacket()
w:WriteU8(1)
w:WriteU8(2)
w:WriteU8(3)
r = packet.rpacket(w)
same(r:ReadU8(), 1, "the first")
local here, whole = packet.rpacket(r), packet.wpacket(r)
same(here:ReadU8(), 2, "rpacket(r) goes on")
same(r:ReadU8(), 2, "and leaves its source alone")
whole:WriteU8(4)
w:WriteU8(9)
same(hex(wire(packet.clone(whole))), "000401020304", "wpacket(r) holds all")
same(hex(wire(packet.clone(w))), "000401020309", "the original")
r = packet.rpacket(whole)
same(r:ReadU32(), 0x01020304, "the clone reads as written")
local raw = packet.rawpacket("abc")
same(packet.rawpacket(raw):ReadBin(), "abc", "a raw packet of a raw packet")
same(packet.clone(raw):ReadBin(), "abc", "its clone")
same(raw:ReadBin(), "abc", "itself")
same(packet.rawpacket(""):ReadBin(), "", "an empty raw packet")

refuses("a raw packet as rpacket", packet.rpacket, raw)
refuses("a number as clone", packet.clone, 5)
refuses("a string where a number belongs", w.WriteU8, w, "5")
refuses("a number where a string belongs", w.WriteStr, w, 5)
refuses("ReadBin of an rpacket", r.ReadBin, r)
same(outgoing:Send(r), -chuck.error.EINVIPK, "Send of an rpacket")
same(outgoing:Send(raw), 3, "Send of a raw packet")
refuses("a packet that was sent", raw.ReadBin, raw)

-- 2.5: the later generations' frames.
local function later(write, wanted, what)
  local b = buffer.New()
  write(packet.Writer(b))
  same(hex(b:Content()), hex(bytes(wanted)), what)
  return packet.Reader(b)
end
later(function(out)
  out:WriteTable({})
end, "00000005 01 00000000", "an empty table")
local reader = later(function(out)
  out:WriteStr("")
end, "00000004 00000000", "an empty string")
same(reader:ReadStr(), "", "an empty string read")
reader = later(
  function(out)
    out:WriteTable({ 1, 300, 70000, 2 ^ 40, 1.5, 1.1, true, "x", -5 })
  end,
  "0000004201 00000009 0601 0601 0602 07012c 0603 0800011170 0604 0c0000010000000000"
    .. "0605 043fc00000 0606 053ff199999999999a 0607 0301 0608 020000000178 0609 09fb",
  "a list of everything"
)
local values = reader:ReadTable()
for index, value in ipairs({ 1, 300, 70000, 2 ^ 40, 1.5, 1.1, true, "x", -5 }) do
  same(values[index], value, "later element " .. index)
end
reader = later(function(out)
  out:WriteNum(1.5)
end, "00000008 000000000000f83f", "a later double")
same(reader:ReadNum(), 1.5, "a later double read")
local b = buffer.New()
local out = packet.Writer(b)
out:WriteI8(-1)
out:WriteI16(-2)
out:WriteI32(-3)
out:WriteI64(-4)
out:WriteTable({ false, -300, -70000, -2 ^ 40 })
out:WriteRawBytes("tail")
local copy = b:Clone()
out:ReWriteI16(5, 513)
same(out:GetWritePos(), b:Size(), "GetWritePos")
reader = packet.Reader(b)
same(reader:ReadI8(), -1, "I8")
same(reader:ReadI16(), 513, "a rewritten I16")
same(reader:ReadI32(), -3, "I32")
same(reader:ReadI64(), -4, "I64")
values = reader:ReadTable()
same(values[1], false, "false")
same(values[2], -300, "-300")
same(values[3], -70000, "-70000")
same(values[4], -2 ^ 40, "-2^40")
same(reader:ReadRawBytes(), "tail", "the rest")
same(reader:ReadI32(), 0, "past the end")
refuses("ReadStr past the end", reader.ReadStr, reader)
refuses("ReadTable past the end", reader.ReadTable, reader)
reader = packet.Reader(copy)
reader:ReadI8()
same(reader:ReadI16(), -2, "the clone is not rewritten")

b = buffer.New("hello world")
copy = b:Clone()
same(b:Read(6), "hello ", "Read takes")
same(b:Read(6), nil, "not enough")
same(b:AppendStr("!"), nil, "AppendStr")
same(b:Content(), "world!", "what is left")
same(copy:Content(), "hello world", "the clone")
same(b:AppendStr(""), "append string failed", "nothing to append")
same(tostring(b):match("^%a+_%a+"), "lua_bytebuffer", "its name")
same(b:Size(), 6, "Size")

acceptor:Close()
outgoing:Close()
incoming:Close()
print("packets hold")
