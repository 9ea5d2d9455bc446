-- The later generations' API: loops, streams, datagrams and their words for what went wrong.
local chuck = require("chuck")
local helpers = require("helpers")
local same, run_until = helpers.same, helpers.run_until
local socket, buffer, packet = chuck.socket, chuck.buffer, chuck.packet
local stream, addr = socket.stream, socket.addr

local loop = chuck.event_loop.New()
local port = 7600
local function address()
  port = port + 1
  return addr(socket.AF_INET, "127.0.0.1", port)
end

--- Two descriptors, the ends of a connection to the address.
local function pair(to)
  local near, far
  local acceptor = stream.listen(loop, to, function(fd, why)
    same(why, nil, "accept")
    far = fd
  end)
  same(
    stream.dial(loop, to, 1000, function(fd, why)
      same(why, nil, "dial")
      near = fd
    end),
    nil,
    "dial's result"
  )
  run_until(loop, function()
    return near and far
  end, "both ends")
  acceptor:Close()
  return near, far
end

--- A stream that notes what it is told.
local function noting(fd, decoder, size)
  local noted = {}
  local conn = stream.socket(fd, size or 4096, decoder)
  same(
    conn:Start(loop, function(data, why)
      noted[#noted + 1] = data and data:Content() or why
    end),
    nil,
    "Start"
  )
  return conn, noted
end
local function wait(milliseconds)
  local stop = chuck.time.systick() + milliseconds
  run_until(loop, function()
    return chuck.time.systick() >= stop
  end, "time")
end

-- 4. Dials that fail, always later: refused, and not answered in time.
do
  local told
  local function note(fd, why)
    same(told, nil, "told once")
    told = { fd, why }
  end
  local function outcome(...)
    told = nil
    same(stream.dial(loop, ...), nil, "dial's result")
    same(told, nil, "not inside dial")
    run_until(loop, function()
      return told
    end, "the outcome")
    same(told[1], nil, "no descriptor")
    return told[2]
  end
  same(outcome(addr(socket.AF_INET, "127.0.0.1", 1), note), "chk_error_connect", "refused")
  same(outcome(addr(socket.AF_INET, "127.0.0.1", 1), 500, note), "chk_error_connect", "refused")
  local silent = chuck.socket_helper.gethostbyname_ipv4("silent.lab")[1]
  local begin = chuck.time.systick()
  local why = outcome(addr(socket.AF_INET, silent, 7), 300, note)
  local took = chuck.time.systick() - begin
  same(why, "chk_error_connect_timeout", "nobody answers")
  same(took >= 300 and took < 600, true, "within the deadline: " .. took)
  same(outcome(addr(socket.AF_INET, "203.0.113.1", 7), note), "chk_error_connect", "no way")
  same(outcome(addr(socket.AF_LOCAL, "/no/such.sock"), note), "chk_error_connect", "no such path")
  same(addr(10, "::1", 7), nil, "a family that it does not know")
end

-- Data, the end, half of an end, and what is read-only.
do
  local near, far = pair(address())
  local client, heard = noting(near)
  local server, asked = noting(far)
  same(client:Send(buffer.New("question")), nil, "Send's result")
  run_until(loop, function()
    return asked[1] == "question"
  end, "the question")
  client:Send(buffer.New("more"))
  client:ShutDownWrite()
  same(client:Send(buffer.New("too late")), "send error", "after ShutDownWrite")
  run_until(loop, function()
    return asked[#asked] == "chk_error_eof"
  end, "the end of the questions")
  same(asked[2], "more", "what went before it")
  server:Send(buffer.New("bye bye!")) -- the other half is open
  same(socket.util.inet_ntop(server:GetPeerAddr()), "127.0.0.1", "the peer's address")
  same(socket.util.inet_port(server:GetSockAddr()), port, "its own port")
  local closed = 0
  server:SetCloseCallBack(function()
    closed = closed + 1
  end)
  server:SetCloseCallBack(function()
    closed = closed + 100
  end)
  server:Close()
  server:Close()
  same(closed, 1, "the close callback: the first one, once")
  run_until(loop, function()
    return heard[2]
  end, "the answer and its end")
  same(table.concat(heard, "|"), "bye bye!|chk_error_eof", "the answer and its end")
  same(server:Send(buffer.New("x")), "send error", "closed")
  client:Close()
end

-- Close with a delay lets go what waits; without, it is dropped.
for _, delay in ipairs({ 0, 2000 }) do
  local near, far = pair(address())
  local client = stream.socket(near, 4096)
  client:Start(loop, function() end)
  for _ = 1, 20 do
    client:Send(buffer.New(("x"):rep(60000)))
  end
  client:Close(delay)
  local size, is_over = 0, false
  local server = stream.socket(far, 65536)
  server:Start(loop, function(data)
    if data then
      size = size + data:Size()
    else
      is_over = true
    end
  end)
  run_until(loop, function()
    return is_over
  end, "the end")
  same(size == 1200000, delay > 0, "all of it with a delay of " .. delay .. ": " .. size)
  server:Close()
end

-- Urgent packets overtake those that wait; reading may pause.
do
  local near, far = pair(address())
  local client = noting(near)
  local server, asked = noting(far, nil, 65536)
  server:PauseRead()
  for index = 1, 8 do
    client:Send(buffer.New(string.char(64 + index):rep(60000)))
  end
  client:SendUrgent(buffer.New("!"))
  wait(50)
  same(#asked, 0, "paused")
  server:ResumeRead()
  run_until(loop, function()
    return #table.concat(asked) == 480001
  end, "all")
  local all = table.concat(asked)
  same(all:find("!", 1, true) < 420000, true, "before the last")
  same((all:find("!", 1, true) - 1) % 60000, 0, "and not in the middle of another")
  client:Close()
  server:Close()
end

-- Frames, and what is none.
for what, case in pairs({
  ["a frame too large"] = { "\0\0\0\61" .. ("x"):rep(61), "chk_error_packet_too_large" },
  ["an empty frame"] = { "\0\0\0\0", "chk_error_invaild_packet_size" },
}) do
  local near, far = pair(address())
  local client = noting(near)
  local server, asked = noting(far, packet.Decoder(64))
  client:Send(buffer.New("\0\0\0\1a" .. case[1]))
  run_until(loop, function()
    return #asked == 2
  end, what)
  same(asked[1], "\0\0\0\1a", "the good one, with its header")
  same(asked[2], case[2], what)
  client:Close()
  server:Close()
end

-- A reset: who closes with unread bytes.
do
  local near, far = pair(address())
  local client, heard = noting(near)
  local server = noting(far)
  server:PauseRead()
  client:Send(buffer.New("never read"))
  loop:Run(1)
  server:Close()
  run_until(loop, function()
    return heard[1]
  end, "the reset")
  same(heard[1], "chk_error_stream_read", "the reset")
  client:Close()
end

-- Unix sockets, which upstream's never were on Linux.
do
  local near, far = pair(addr(socket.AF_LOCAL, "/tmp/later.sock"))
  local client = noting(near)
  local server, asked = noting(far)
  client:Send(buffer.New("by path"))
  run_until(loop, function()
    return asked[1]
  end, "bytes")
  same(asked[1], "by path", "bytes")
  client:Close()
  server:Close()
end

-- Datagrams.
for _, to in ipairs({ address(), addr(socket.AF_LOCAL, "/tmp/later-datagram.sock") }) do
  local is_local = port == 0 or socket.util.inet_port(to) == 0
  local family = is_local and socket.AF_LOCAL or socket.AF_INET
  local server = socket.datagram.socket(family)
  server:Bind(to)
  local came
  same(
    server:Start(loop, function(data, from, number)
      came = { data:Content(), from, number }
    end),
    nil,
    "Start"
  )
  local client = socket.datagram.socket(family)
  same(client:Sendto(buffer.New("datagram"), to), nil, "Sendto's result")
  run_until(loop, function()
    return came
  end, "a datagram")
  same(came[1], "datagram", "its bytes")
  same(came[3], 0, "its number")
  if not is_local then
    client:Start(loop, function(data)
      came = data:Content()
    end)
    server:Sendto(buffer.New("answer"), came[2])
    run_until(loop, function()
      return came == "answer"
    end, "an answer to where it came from")
  end
  same(client:Sendto(buffer.New(), to), "send error", "an empty one")
  same(client:Sendto(buffer.New(("x"):rep(65536)), to), "send error", "one too long")
  client:Close()
  server:Close()
  same(client:Sendto(buffer.New("x"), to), "send error", "closed")
  helpers.refuses("Bind of a closed one", client.Bind, client, to)
end
do
  local to = address()
  local first = stream.listen(loop, to, print)
  same(stream.listen(loop, to, print), nil, "listen on an address that is taken")
  first:Close()
end

helpers.refuses("a family that nobody knows", socket.datagram.socket, 99)

-- Timers, closures, idle, signals.
do
  local order = {}
  local function note(what)
    return function()
      order[#order + 1] = what
    end
  end
  loop:PostClosure(note("closure"))
  loop:AddTimerOnce(10, note("once"))
  local ticks = 0
  loop:AddTimer(10, function()
    ticks = ticks + 1
    if ticks == 3 then return -1 end
  end)
  collectgarbage()
  wait(100)
  same(table.concat(order, " "), "closure once", "each once")
  same(ticks, 3, "until it said -1")
  loop:SetIdle(note("idle"))
  wait(250)
  loop:SetIdle(nil)
  same(#order >= 3 and #order <= 5, true, "idle, at most each 100 ms: " .. #order)
  local heard = 0
  loop:WatchSignal(chuck.signal.SIGUSR2, function(...)
    same(select("#", ...), 0, "no arguments")
    heard = heard + 1
  end)
  chuck.process.kill(chuck.cthread.selftid(), chuck.signal.SIGUSR2)
  run_until(loop, function()
    return heard == 1
  end, "the signal")
  loop:UnWatchSignal(chuck.signal.SIGUSR2)
  loop:WatchSignal(chuck.signal.SIGUSR2, note("again"))
  chuck.process.kill(chuck.cthread.selftid(), chuck.signal.SIGUSR2)
  wait(10)
  same(order[#order], "again", "watched anew")
end

-- A loop that goes says so.
do
  local other = chuck.event_loop.New()
  local said = {}
  local near, far = pair(address())
  local conn = stream.socket(near, 4096)
  conn:Start(other, function(_, why)
    said[#said + 1] = why
  end)
  local acceptor = stream.listen(other, address(), function(_, why)
    said[#said + 1] = why
  end)
  local silent = chuck.socket_helper.gethostbyname_ipv4("silent.lab")[1]
  stream.dial(other, addr(socket.AF_INET, silent, 7), function(_, why)
    said[#said + 1] = why
  end)
  other = nil -- luacheck: ignore
  collectgarbage()
  collectgarbage()
  same(table.concat(said, " "), ("chk_error_loop_close "):rep(3):sub(1, -2), "all three")
  conn:Close()
  acceptor:Close()
  socket.closefd(far)
end

-- The rest.
same(chuck.base64.encode("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==", "base64")
same(chuck.base64.decode("YW55IGNhcm5hbCBwbGVhcw=="), "any carnal pleas", "base64 back")
same(
  chuck.crypt.sha1("abc"):gsub(".", function(byte)
    return string.format("%02x", byte:byte())
  end),
  "a9993e364706816aba3e25717850c26c9cd0d89d",
  "SHA-1"
)
same(math.type(chuck.time.unixtime()), "integer", "unixtime")
same(chuck.log.SetLogLevel(chuck.log.error), true, "SetLogLevel")
same(chuck.log.GetLogLevel(), chuck.log.error, "GetLogLevel")
same(chuck.log.SetLogLevel(3), false, "a level of the first generation")
local context, why = chuck.ssl.SSL_CTX_new("SSLv23_server_method")
same(context, nil, "no TLS")
same(why, "TLS is not available in this machine yet", "and it says so")
print("later hold")
