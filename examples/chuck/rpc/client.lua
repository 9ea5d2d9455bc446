-- Calls server.lua's functions from two coroutines.

local Distri = require("distri.distri")
local RPC = require("distri.rpc")
local Sche = require("distri.uthread.sche")
local Socket = require("distri.socket")
local chuck = require("chuck")

local config = RPC.Config(function(message)
  local packet = chuck.packet.wpacket()
  packet:WriteTab(message)
  return packet
end, function(packet)
  return packet:ReadTab()
end)

local client = RPC.Client(config)
local working = 2

local function done()
  working = working - 1
  if working == 0 then Distri.Stop() end
end

Sche.Spawn(function()
  local err, socket = Socket.stream.Connect("127.0.0.1", 8012)
  if not socket then
    print("cannot connect", err)
    return Distri.Stop()
  end
  socket:Ok(4096, Socket.stream.decoder.rpacket(4096), function(self, packet, errno)
    if packet then
      RPC.OnRPCResponse(config, self, packet)
    else
      self:Close(errno)
    end
  end)
  client:Connect(socket)

  Sche.Spawn(function()
    for i = 1, 5 do
      print("add", i, i, select(2, client:Call("add", i, i)))
      Sche.Sleep(500)
    end
    done()
  end)
  Sche.Spawn(function()
    print("divide", 17, 5, select(2, client:Call("divide", 17, 5)))
    print("divide", 1, 0, client:Call("divide", 1, 0))
    print("no such function", client:Call("multiply", 2, 3))
    done()
  end)
end)

Distri.Run()
