-- Title: A web server in the tab, and a raw GET
-- 标题: 标签页里的网页服务器与原始 GET
-- Watch: get.lua writes a request by hand and prints every byte of the answer, all in this tab.
-- 看点: get.lua 手写 HTTP 请求，原样打印应答的每个字节；两端都在本标签页里。
-- Proxy: no
-- Run: server.lua, get.lua

local socket = require("socket")

local pages = {
  ["/"] = "<h1>A page from inside the tab</h1>\n",
  ["/time"] = function()
    return os.date("It is %H:%M:%S.\n")
  end,
}

--- The whole answer to one request line.
local function answer(request)
  local method, path = (request or ""):match("^(%u+) (%S+)")
  local page = pages[path]
  if method ~= "GET" then
    return "405 Method Not Allowed", "Only GET is answered here.\n"
  elseif not page then
    return "404 Not Found", "There is nothing at " .. path .. ".\n"
  end
  return "200 OK", type(page) == "function" and page() or page
end

local server = assert(socket.bind("127.0.0.1", 8080))
print("Web server on 127.0.0.1:8080")

while true do
  local client = server:accept()
  client:settimeout(5)
  local request = client:receive()
  repeat -- the headers end with an empty line
    local header = client:receive()
  until not header or header == ""
  local status, body = answer(request)
  print(request, status)
  client:send(table.concat({
    "HTTP/1.0 " .. status,
    "Content-Type: text/html; charset=utf-8",
    "Content-Length: " .. #body,
    "",
    body,
  }, "\r\n"))
  client:close()
end
