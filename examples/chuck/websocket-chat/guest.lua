-- A guest of the chat, by the name it is given (guest.lua NAME): says something each two seconds.

local chuck = require("chuck")
local helper, websocket = chuck.socket_helper, chuck.websocket

local name = arg[1] or "guest " .. chuck.cthread.selftid()
local engine = chuck.engine()

local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
assert(helper.connect(fd, "127.0.0.1", 8081) == 0, "nobody serves port 8081")

websocket.connect(fd, engine, "127.0.0.1:8081", "/", function(ws, why)
  if not ws then
    print(why)
    return engine:Stop()
  end
  local said = 0
  chuck.RegTimer(engine, 2000, function()
    said = said + 1
    ws:Send(name .. " says hello, number " .. said)
    if said == 5 then
      ws:Close(1000, "bye")
      return -1
    end
  end)
end, function(_, message, code)
  if message then
    print(message:ReadBin())
  else
    print("closed", code)
    engine:Stop()
  end
end)

engine:Run()
