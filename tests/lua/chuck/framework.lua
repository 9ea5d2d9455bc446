-- distri: the coroutine framework, channels, actors, tasks and synchronous RPC, over our own
-- libraries.
local chuck = require("chuck")
local Distri = require("distri.distri")
local Sche = require("distri.uthread.sche")
local Task = require("distri.uthread.task")
local Channel = require("distri.uthread.channel")
local Actor = require("distri.uthread.actor")
local Lock = require("distri.lock")
local RPC = require("distri.rpc")
local Socket = require("distri.socket")
local helpers = require("helpers")
local same = helpers.same

local order = {}
local function note(what)
  order[#order + 1] = what
end
local function noted()
  local all = table.concat(order, " ")
  order = {}
  return all
end

-- Coroutines: rounds, sleeping, waiting with and without an answer.
Sche.Spawn(function(a, b)
  note("1:" .. a .. b)
  Sche.Yield()
  note("1 again")
  Sche.Sleep(20)
  note("1 slept")
  note("1 got " .. tostring(Sche.Wait(10)))
end, "a", "b")
local second = Sche.Spawn(function()
  note("2")
  local x, y = Sche.Wait()
  note("2 got " .. x .. y)
end)
Sche.Spawn(function()
  note("3")
  error("a coroutine's own mistake")
end)
same(Sche.GetCoCount(), 3, "coroutines")
Sche.Schedule()
same(noted(), "1:ab 2 3", "the first round")
Sche.WakeUp(second, "x", "y")
Sche.Schedule()
same(noted(), "1 again 2 got xy", "the second round")
Sche.WakeUp(second, "late")

local config = RPC.Config(function(message)
  local w = chuck.packet.wpacket()
  w:WriteTab(message)
  return w
end, function(received)
  return received:ReadTab()
end)
local server = RPC.Server(config)
local calls = 0
server:RegService("add", function(a, b)
  calls = calls + 1
  return a + b, "sum"
end)
server:RegService("fails", function()
  error("the service's own mistake")
end)
local far
local acceptor = Socket.stream.Listen("127.0.0.1", 7700, function(accepted)
  far = accepted
  accepted:Ok(4096, Socket.stream.decoder.rpacket(4096), function(self, received)
    if received then
      server:ProcessRPC(self, received)
    else
      self:Close()
    end
  end)
end)

Task.New(function()
  Sche.Sleep(50)
  same(noted(), "1 slept 1 got timeout", "what slept and waited meanwhile")
  same(Sche.GetCoCount(), 1, "coroutines that are left")

  -- A channel: first come, first served.
  local channel = Channel.New()
  for index = 1, 2 do
    Sche.Spawn(function()
      note(index .. "=" .. channel:Recv())
    end)
  end
  Sche.Yield()
  channel:Send("a")
  channel:Send("b")
  channel:Send("c")
  Sche.Sleep(5)
  same(noted(), "1=a 2=b", "a channel")
  same(channel:Recv(), "c", "what nobody had waited for")

  -- Actors.
  for id = 1, 4 do
    Actor.Spawn(id, function(self)
      note(id .. self:Recv())
    end)
  end
  Actor.BoardCast("!", { 1, 3 })
  Actor.GetActor(1):Send("?")
  Sche.Sleep(5)
  same(noted(), "1? 2! 4!", "actors")
  same(Actor.GetActor(2), nil, "one that is done")

  -- A lock goes on in the order they came.
  local lock = Lock.New()
  for index = 1, 3 do
    Sche.Spawn(function()
      lock:Lock()
      note("+" .. index)
      Sche.Sleep(5)
      note("-" .. index)
      lock:Unlock()
    end)
  end
  Sche.Sleep(60)
  same(noted(), "+1 -1 +2 -2 +3 -3", "a lock")

  -- RPC: an answer, an error, an unknown name, many at once, the end of the connection.
  local err, socket = Socket.stream.Connect("127.0.0.1", 7700)
  same(err, nil, "a connect that waits")
  local is_there = socket:Ok(4096, Socket.stream.decoder.rpacket(4096), function(self, received)
    if received then
      RPC.OnRPCResponse(config, self, received)
    else
      self:Close()
    end
  end)
  same(is_there, true, "Ok")
  local client = RPC.Client(config)
  same(client:Connect(socket), true, "the client's Connect")
  local why, sum, word = client:Call("add", 1, 2)
  same(why, nil, "no error")
  same(sum, 3, "the result")
  same(word, "sum", "a second result")
  why = client:Call("fails")
  same(why:find("the service's own mistake", 1, true) ~= nil, true, "the service's error")
  same(client:Call("nobody"), "nobody not found", "an unknown name")
  local done = 0
  for index = 1, 100 do
    Task.New(function()
      local _, result = client:Call("add", index, index)
      same(result, 2 * index, "each its own answer")
      done = done + 1
    end)
  end
  while done < 100 do
    Sche.Sleep(1)
  end
  same(calls, 101, "each asked once")
  server:RegService("slow", function()
    far:Close()
  end)
  same(client:Call("slow"), "socket close", "the end in the middle of a call")
  same(Socket.stream.Connect("127.0.0.1", 1), 111, "a refused connect")
  acceptor:Close()
  note("all")
  Distri.Stop()
end)
Distri.Run()
same(noted(), "all", "the task came to its end")
print("framework hold")
