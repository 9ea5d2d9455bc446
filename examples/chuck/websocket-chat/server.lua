-- Title: chuck: a WebSocket chat
-- 标题: chuck：WebSocket 聊天室
-- Watch: Two guests chat; with the proxy any page can join at ws://ADDRESS/.
-- 看点: 两位客人在聊天；有代理时，任何网页都可以用 ws://地址/ 加入。
-- Proxy: optional
-- Run: server.lua, guest.lua, guest.lua

local chuck = require("chuck")
local websocket = chuck.websocket

local engine = chuck.engine()
local guests = {}

local function tell_all(text)
  print(text)
  for guest in pairs(guests) do
    guest:Send(text)
  end
end

local acceptor = assert(chuck.http.listen(engine, "0.0.0.0", 8081, function(fd)
  local connection = chuck.connection(fd, 4096, chuck.decoder.connection.http())
  connection:Add2Engine(engine, function(self, request)
    if not request then return self:Close() end
    local guest = websocket.accept(self, engine, request, function(ws, message)
      if message then
        tell_all(message:ReadBin())
      else
        guests[ws] = nil
        tell_all("somebody has left")
      end
    end)
    if guest then
      guests[guest] = true
      guest:Send("welcome")
    end
  end)
end))

print("WebSocket chat on port 8081")
local signaler = chuck.signal.signaler(chuck.signal.SIGINT)
signaler:Register(engine, function()
  acceptor:Close()
  engine:Stop()
end)
engine:Run()
