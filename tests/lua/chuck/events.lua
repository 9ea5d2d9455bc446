-- The acceptance list, 2 to 9 and 11: framing on the wire, endings, what Send answers, timers,
-- acceptors, deadlines, errors in callbacks.
local chuck = require("chuck")
local helpers = require("helpers")
local same, run_until = helpers.same, helpers.run_until
local packet, errors, helper = chuck.packet, chuck.error, chuck.socket_helper
local rpackets = chuck.decoder.connection.rpacket

local engine = chuck.engine()
local port = 7100

local function pair()
  port = port + 1
  return helpers.pair(engine, port)
end

--- A connection that notes what it is told.
local function noting(fd, decoder, receive_bytes)
  local noted = {}
  local conn = chuck.connection(fd, receive_bytes or 4096, decoder)
  same(
    conn:Add2Engine(engine, function(self, message, number)
      same(self, conn, "the connection that callbacks get")
      noted[#noted + 1] = { message, number }
    end),
    true,
    "Add2Engine"
  )
  return conn, noted
end

local function wait(milliseconds)
  local stop = chuck.systick() + milliseconds
  run_until(engine, function()
    return chuck.systick() >= stop
  end, "time")
end

local function raw(fd)
  return (noting(fd))
end

-- 2. Two frames in one segment; a frame in single bytes; an empty frame at once; too large.
do
  local near, far = pair()
  local sender, _ = noting(near)
  local conn, noted = noting(far, rpackets(64))
  same(sender:Send(packet.rawpacket("\0\1a\0\2bc")), 7, "two frames in one segment")
  run_until(engine, function()
    return #noted == 2
  end, "two frames")
  same(noted[1][1]:ReadU8(), ("a"):byte(), "the first")
  same(noted[2][1]:ReadU16(), 0x6263, "the second")
  same(noted[2][2], 0, "their error number")
  for byte in ("\0\3xyz"):gmatch(".") do
    sender:Send(packet.rawpacket(byte))
    engine:Run(1)
  end
  run_until(engine, function()
    return #noted == 3
  end, "a frame in single bytes")
  sender:Send(packet.rawpacket("\0\0"))
  run_until(engine, function()
    return #noted == 4
  end, "an empty frame at once")
  same(noted[4][1]:ReadU8(), 0, "nothing in it")
  sender:Send(packet.rawpacket("\0\63" .. ("x"):rep(63) .. "\0\1a"))
  run_until(engine, function()
    return #noted == 5
  end, "the report")
  engine:Run(10)
  same(#noted, 5, "no further packets")
  same(noted[5][1], nil, "no packet")
  same(noted[5][2], 152, "EPKTOOLARGE")
  conn:Close()
  sender:Close()
end

-- A stream of frames, cut at every place: the same frames.
for cut = 1, 13 do
  local near, far = pair()
  local sender = raw(near)
  local conn, noted = noting(far, rpackets(4096), 3)
  local stream = "\0\1a\0\0\0\3bcd\0\1e"
  sender:Send(packet.rawpacket(stream:sub(1, cut)))
  engine:Run(1)
  sender:Send(packet.rawpacket(stream:sub(cut + 1)))
  run_until(engine, function()
    return #noted == 4
  end, "four frames cut at " .. cut)
  same(noted[3][1]:ReadU8(), ("b"):byte(), "the third frame")
  conn:Close()
  sender:Close()
end

-- 3. The echo server closes after the first echo: data, then the end with number 0; RST is 104.
do
  local near, far = pair()
  local client, noted = noting(near)
  local server
  server = chuck.connection(far, 4096)
  server:Add2Engine(engine, function(_, p)
    if p then
      server:Send(p, function()
        server:Close()
      end)
    else
      server:Close()
    end
  end)
  client:Send(packet.rawpacket("hello"))
  run_until(engine, function()
    return #noted == 2
  end, "echo and end")
  same(noted[1][1]:ReadBin(), "hello", "the echo")
  same(noted[2][1], nil, "the end")
  same(noted[2][2], 0, "its number")
  client:Close()

  near, far = pair()
  client, noted = noting(near)
  server = raw(far)
  client:Send(packet.rawpacket("never read"))
  server:RemoveEngine()
  server:Close() -- unread bytes: a reset
  run_until(engine, function()
    return #noted == 1
  end, "the reset")
  same(noted[1][2], 104, "ECONNRESET")
  client:Close()
end

-- 4. Refused, timed out within the deadline (silent.lab never answers), and no way there (the
-- machine has no proxy here), which is told at once.
do
  local told
  local fd = helpers.new_fd()
  helper.noblock(fd, 1)
  same(helper.connect(fd, "127.0.0.1", 1), -errors.EINPROGRESS, "a connect that does not block")
  local connector = chuck.connector(fd, 1000)
  same(
    connector:Add2Engine(engine, function(...)
      told = { ... }
    end),
    true,
    "Add2Engine"
  )
  same(connector:Add2Engine(engine, function() end), false, "a second Add2Engine")
  run_until(engine, function()
    return told
  end, "the refusal")
  same(told[1], -1, "no descriptor")
  same(told[2], 111, "ECONNREFUSED")
  fd = helpers.new_fd()
  same(helper.connect(fd, "127.0.0.1", 1), -111, "a blocking connect, refused")
  helpers.refuses("a name where an address belongs", helper.connect, fd, "localhost", 1)
  helper.close(fd)

  local silent = helper.gethostbyname_ipv4("silent.lab")[1]
  fd = helpers.new_fd()
  helper.noblock(fd, 1)
  same(helper.connect(fd, silent, 7), -errors.EINPROGRESS, "a connect that nobody answers")
  local times, begin = 0, chuck.systick()
  told = nil
  connector = chuck.connector(fd, 300)
  connector:Add2Engine(engine, function(...)
    told, times = { ... }, times + 1
  end)
  run_until(engine, function()
    return told
  end, "the timeout")
  local took = chuck.systick() - begin
  same(told[1], -1, "no descriptor")
  same(told[2], 110, "ETIMEDOUT")
  same(took >= 300 and took < 600, true, "within the deadline: " .. took)
  wait(400)
  same(times, 1, "said once")
  same(helper.noblock(fd, 1), -errors.EBADF, "the connector has closed the descriptor")

  fd = helpers.new_fd()
  helper.noblock(fd, 1)
  same(helper.connect(fd, "203.0.113.1", 7), -errors.ENETUNREACH, "no way there")
  helper.close(fd)
  same(helper.gethostbyname_ipv4("no.such.host.invalid"), nil, "a name that nobody has")
end

-- 5. What Send answers; packets are consumed; on_send_finish once per packet, in order, later.
do
  local near, far = pair()
  local conn = chuck.connection(near, 4096)
  same(conn:Send(packet.rawpacket("x")), -142, "not attached")
  same(conn:Add2Engine(engine, function() end), true, "Add2Engine")
  same(conn:Add2Engine(engine, function() end), false, "attached twice")
  local order = {}
  local is_inside = true
  for index = 1, 3 do
    same(
      conn:Send(packet.rawpacket("abc"), function(self)
        same(self, conn, "who has sent")
        same(is_inside, false, "not inside Send")
        order[#order + 1] = index
      end),
      3,
      "bytes at once"
    )
  end
  is_inside = false
  run_until(engine, function()
    return #order == 3
  end, "three completions")
  same(table.concat(order), "123", "their order")
  local finished, filled = 0, 0
  repeat
    local block = packet.rawpacket(("x"):rep(10000))
    local result = conn:Send(block, function()
      finished = finished + 1
    end)
    same(helpers.is_sent(result), true, "sent or queued")
    filled = filled + 10000
  until result == -11
  same(
    conn:Send(packet.rawpacket("last"), function()
      finished = finished + 1
    end),
    -11,
    "queued"
  )
  local size = 0
  local reader = chuck.connection(far, 65536)
  reader:Add2Engine(engine, function(_, p)
    size = size + #p:ReadBin()
  end)
  run_until(engine, function()
    return size == filled + 9 + 4
  end, "all bytes")
  run_until(engine, function()
    return finished == filled / 10000 + 1
  end, "all completions")
  conn:RemoveEngine()
  same(conn:Send(packet.rawpacket("x")), -142, "detached")
  same(conn:Add2Engine(engine, function() end), true, "attached again")
  reader:Send(packet.rawpacket("y"))
  conn:Close()
  conn:Close()
  same(conn:Send(packet.rawpacket("x")), -140, "closed")
  reader:Close()
end

-- Attached again, a connection goes on reading.
do
  local near, far = pair()
  local sender = raw(near)
  local conn, noted = noting(far)
  conn:RemoveEngine()
  sender:Send(packet.rawpacket("meanwhile"))
  engine:Run(1)
  same(#noted, 0, "detached")
  local heard
  conn:Add2Engine(engine, function(_, p)
    heard = p
  end)
  run_until(engine, function()
    return heard
  end, "what came meanwhile")
  same(heard:ReadBin(), "meanwhile", "what came meanwhile")
  conn:Close()
  sender:Close()
end

-- 6. Timers: what their results mean.
do
  local begin = chuck.systick()
  local calls = {}
  local function count(name, ...)
    local results = { ... }
    calls[name] = 0
    return function()
      calls[name] = calls[name] + 1
      return results[calls[name]]
    end
  end
  local kept = {
    chuck.RegTimer(engine, 100, count("forever", nil, 0, true, false, {}, 1.5, -0.5, "300")),
    chuck.RegTimer(engine, 100, count("stops", nil, -1)),
    chuck.RegTimer(engine, 100, count("slows", 300)),
    chuck.RegTimer(engine, 100, function()
      calls.raises = (calls.raises or 0) + 1
      error("timer error")
    end),
    chuck.RegTimer(engine, 0, count("at least one", -1)),
  }
  local own
  own = chuck.RegTimer(engine, 100, function()
    calls.own = (calls.own or 0) + 1
    own:UnRegister()
    own:UnRegister()
    return 50
  end)
  local gone = chuck.RegTimer(engine, 100, count("gone"))
  gone:UnRegister()
  chuck.RegTimer(engine, 1050, function()
    engine:Stop()
    return -1
  end)
  same(engine:Run(), 0, "Run's result")
  same(chuck.systick() - begin >= 1050, true, "the time")
  same(calls.forever, 10, "nothing, 0, truth values, tables, fractions and strings go on")
  same(calls.stops, 2, "-1 stops")
  same(calls.slows, 4, "a number is the new interval")
  same(calls.raises, 1, "an error stops")
  same(calls.own, 1, "UnRegister inside wins")
  same(calls["at least one"], 1, "0 counts as 1")
  same(calls.gone, 0, "UnRegister before")
  for _, timer in ipairs(kept) do
    timer:UnRegister()
  end

  local wheel = chuck.TimingWheel()
  local turns = 0
  local held = wheel:Register(10, function()
    turns = turns + 1
  end)
  wheel:Tick()
  same(turns, 0, "not yet")
  wait(25)
  wheel:Tick()
  same(turns > 0, true, "what is due")
  local before = turns
  held:UnRegister()
  wait(25)
  wheel:Tick()
  same(turns, before, "no more")
end

-- A timer that comes late makes up for a few ticks, not for hundreds; a timer that nobody holds
-- goes on (upstream's is collected); its interval is a day at most.
do
  local ticks = 0
  local timer = chuck.RegTimer(engine, 1, function()
    ticks = ticks + 1
  end)
  chuck.RegTimer(engine, 100, function()
    engine:Stop()
    return -1
  end)
  local other = chuck.engine()
  wait(0)
  ticks = 0
  other:Run(500) -- the first engine stands still
  collectgarbage()
  collectgarbage()
  engine:Run()
  same(ticks >= 1 and ticks <= 10, true, "ticks made up for: " .. ticks)
  timer:UnRegister()
  helpers.refuses("an interval that is no number", chuck.RegTimer, engine, {}, print)
  chuck.RegTimer(engine, 1e12, print):UnRegister()
end

-- 7. Disable and Enable; a second signaler.
do
  local accepted = {}
  local acceptor = helpers.listen(engine, 7090, function(fd, number)
    same(number, 0, "accept's number")
    accepted[#accepted + 1] = fd
  end)
  same(acceptor:Add2Engine(engine, function() end), false, "attached twice")
  same(acceptor:Disable(), true, "Disable")
  local fd = helpers.new_fd()
  same(helper.connect(fd, "127.0.0.1", 7090), 0, "the backlog takes it")
  engine:Run(5)
  same(#accepted, 0, "nothing while disabled")
  same(acceptor:Enable(), true, "Enable")
  run_until(engine, function()
    return #accepted == 1
  end, "the one that waited")
  helper.close(fd)
  helper.close(accepted[1])
  acceptor:Close()
  acceptor:Close()
  local taken = helpers.new_fd()
  local again = helpers.new_fd()
  same(helper.listen(taken, "127.0.0.1", 7091), 0, "listen")
  same(helper.listen(again, "127.0.0.1", 7091), -98, "EADDRINUSE")
  same(helper.listen(again, "10.1.2.3", 7091), -99, "EADDRNOTAVAIL")
  helper.close(taken)
  helper.close(again)
  local first = chuck.signal.signaler(chuck.signal.SIGTERM)
  same(type(first), "userdata", "the first signaler")
  same(chuck.signal.signaler(chuck.signal.SIGTERM), nil, "the second")
  local heard
  same(
    first:Register(engine, function(number)
      heard = number
    end),
    true,
    "Register"
  )
  same(chuck.process.kill(chuck.cthread.selftid(), chuck.signal.SIGTERM), 0, "kill")
  run_until(engine, function()
    return heard
  end, "the signal")
  same(heard, 15, "its number")
  first:Remove()
end

-- 8. Deadlines.
do
  local near, far = pair()
  local quiet = raw(near)
  local conn, noted = noting(far)
  local begin = chuck.systick()
  conn:SetRecvTimeout(700)
  run_until(engine, function()
    return #noted == 1
  end, "the receive timeout")
  same(noted[1][2], 153, "ERVTIMEOUT")
  local took = chuck.systick() - begin
  same(took >= 700 and took <= 1400, true, "between once and twice: " .. took)
  run_until(engine, function()
    return #noted == 2
  end, "the next")
  quiet:Send(packet.rawpacket("data"))
  conn:SetRecvTimeout(0)
  run_until(engine, function()
    return #noted == 3
  end, "data")
  quiet:RemoveEngine()
  conn:SetSendTimeout(300)
  local result
  repeat
    result = conn:Send(packet.rawpacket(("x"):rep(60000)))
  until result == -11
  begin = chuck.systick()
  run_until(engine, function()
    return #noted == 4
  end, "the send timeout")
  same(noted[4][2], 154, "ESNTIMEOUT")
  took = chuck.systick() - begin
  same(took >= 300 and took <= 600, true, "between once and twice: " .. took)
  conn:Close()
  quiet:Close()
end

-- 11. An error in each kind of callback is logged, and the engine goes on.
do
  local near, far = pair()
  local begun = 0
  local kinds = 0
  local function fails()
    begun = begun + 1
    error("callback error " .. begun)
  end
  local function after(what, act)
    local before = begun
    act()
    run_until(engine, function()
      return begun > before
    end, what)
    kinds = kinds + 1
  end
  local conn = chuck.connection(near, 4096)
  local other = raw(far)
  conn:Add2Engine(engine, fails)
  after("on_packet's error", function()
    other:Send(packet.rawpacket("x"))
  end)
  after("on_send_finish's error", function()
    conn:Send(packet.rawpacket("x"), fails)
  end)
  local timer
  after("a timer's error", function()
    timer = chuck.RegTimer(engine, 1, fails)
  end)
  after("a posted closure's error", function()
    engine:PostClosure(fails)
  end)
  after("an idle callback's error", function()
    engine:SetIdle(function()
      engine:SetIdle(nil)
      fails()
    end)
  end)
  local wheel = chuck.TimingWheel()
  wheel:Register(1, fails)
  after("a wheel's error", function()
    wait(2)
    wheel:Tick()
  end)
  local acceptor = helpers.listen(engine, 7092, fails)
  local fd = helpers.new_fd()
  after("an acceptor's error", function()
    helper.connect(fd, "127.0.0.1", 7092)
  end)
  local connector
  after("a connector's error", function()
    local refused = helpers.new_fd()
    helper.noblock(refused, 1)
    helper.connect(refused, "127.0.0.1", 1)
    connector = chuck.connector(refused)
    connector:Add2Engine(engine, fails)
  end)
  local datagram
  after("a datagram's error", function()
    local number = helper.socket(helper.AF_INET, helper.SOCK_DGRAM, helper.IPPROTO_UDP)
    same(helper.bind(number, "127.0.0.1", 7094), 0, "bind")
    datagram = chuck.datagram(number, 1000)
    datagram:Add2Engine(engine, fails)
    datagram:Send(packet.rawpacket("x"), "127.0.0.1", 7094)
  end)
  local signaler = chuck.signal.signaler(chuck.signal.SIGUSR1)
  after("a signal's error", function()
    signaler:Register(engine, fails)
    chuck.process.kill(chuck.cthread.selftid(), chuck.signal.SIGUSR1)
  end)
  after("the end's error", function()
    other:Close()
  end)
  same(kinds, 11, "kinds of callbacks")
  same(begun, 11, "each called once")
  helper.close(fd)
  acceptor:Close()
  datagram:Close()
  conn:Close()
  timer:UnRegister()
  signaler:Remove()
  signaler:Forget()
end

-- An engine that goes says so to its acceptors; Stop before Run counts.
do
  local other = chuck.engine()
  local told
  local acceptor = helpers.listen(other, 7093, function(...)
    told = { ... }
  end)
  other:Stop()
  same(other:Run(), 0, "Run after Stop")
  other = nil -- luacheck: ignore
  collectgarbage()
  collectgarbage()
  same(told and told[2], 155, "EENGCLOSE")
  same(told[1], -1, "no descriptor")
  acceptor:Close()
end

same(chuck.engine.engine ~= nil, true, "chuck.engine.engine")
same(type(chuck.connection.connection), "function", "chuck.connection.connection")
print("events hold")
