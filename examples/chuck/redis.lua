-- Title: chuck: Redis, from coroutines
-- 标题: chuck：在协程里访问 Redis
-- Watch: Needs a redis-server on the proxy's own machine (port 6379); the commands queue up.
-- 看点: 代理所在的机器上要有 redis-server（端口 6379）；命令会排队发送。
-- Proxy: needed

local Distri = require("distri.distri")
local Redis = require("distri.redis")
local Task = require("distri.uthread.task")
local chuck = require("chuck")

local addresses = chuck.socket_helper.gethostbyname_ipv4("proxy.internal")
local err, client = Redis.Connect(addresses and addresses[1] or "127.0.0.1", 6379)
if not client then
  print("cannot connect: " .. err)
  return
end

Task.New(function()
  print("set", client:Set("moonwire:greeting", "hello"))
  print("get", client:Get("moonwire:greeting"))
  for i = 1, 10 do
    Task.New(function()
      print("incr", i, select(2, client:Do("incr moonwire:count")))
      if i == 10 then Distri.Stop() end
    end)
  end
end)

Distri.Signal(chuck.signal.SIGINT, Distri.Stop)
Distri.Run()
client:Close()
