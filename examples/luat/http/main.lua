-- Title: HTTP: ask, post, download into a file
-- 标题: HTTP：请求、提交、下载到文件
-- Watch: A page, a form, a file in pieces, one after the other. The server is in this tab.
-- 看点: 依次三个请求：网页、表单、分块下载的文件。服务器就在这个标签页里。
-- Proxy: no
-- Run: main.lua, server.lua

PROJECT = "HTTP"
VERSION = "1.0.0"

require("log")
LOG_LEVEL = log.LOGLEVEL_TRACE

require("sys")

-- Ask for the signal's strength and the cells around, once a minute each.
require("net")
net.startQueryAll(60000, 60000)

-- The lamp tells how far the module is with its network.
require("netLed")
netLed.setup(true)

require("http")
require("utils")

local address = "http://127.0.0.1:50801"

--- Requests and waits for the end. @return what the callback got
local function request(method, path, head, body, file)
  http.request(method, address .. path, nil, head, body, 10000, function(...)
    sys.publish("HTTP_DONE", ...)
  end, file)
  return select(2, sys.waitUntil("HTTP_DONE"))
end

sys.taskInit(function()
  local ok, status, head, body = request("GET", "/")
  log.info("get", ok, status, head and head["Content-Type"], body)

  local form = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  local text = "name=" .. string.urlEncode("月线 moon") .. "&csq=" .. net.getRssi()
  ok, status, head, body = request("POST", "/form", form, text)
  log.info("post", ok, status, head and head["Content-Type"], body)

  os.remove("/download.txt")
  ok, status, head, body = request("GET", "/download", nil, nil, "/download.txt")
  log.info("download", ok, status, head and head["Transfer-Encoding"], body)
  log.info("size", io.fileSize("/download.txt"))

  ok, status = request("GET", "/nowhere")
  log.info("missing", ok, status)
end)

sys.init(0, 0)
sys.run()
