-- Title: chuck: an HTTP server
-- 标题: chuck：HTTP 服务器
-- Watch: With the proxy any browser or curl reaches it at the address beside its name.
-- 看点: 有代理时，浏览器或 curl 可以访问旁边显示的地址。
-- Proxy: optional

local Distri = require("distri.distri")
local Http = require("distri.http.http")
local chuck = require("chuck")

local visits = 0

local server = Http.Server(function(request, response)
  visits = visits + 1
  print(request:Method(), request:Url())
  if request:Url() == "/count" then
    response:WriteHead(200, "OK", { "Content-Type: text/plain" })
    for i = 1, 5 do
      response:Write("part " .. i .. "\n")
    end
    response:End()
  else
    response:WriteHead(200, "OK", { "Content-Type: text/html; charset=utf-8" })
    response:End("<h1>你好 from a tab</h1><p>Visit " .. visits .. "</p>")
  end
end):Listen("0.0.0.0", 8080)

assert(server, "port 8080 is taken")
print("HTTP server on port 8080")

-- It asks itself once, so there is something to see without a browser.
Http.Client("127.0.0.1", 8080):Get(Http.Request("/count"), function(response, errno)
  print(response and response:Content() or "error " .. errno)
end)

Distri.Signal(chuck.signal.SIGINT, Distri.Stop)
Distri.Run()
