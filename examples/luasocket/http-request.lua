-- Title: http.request, the easy way
-- 标题: 用 http.request 轻松访问
-- Watch: The whole exchange in one call; redirects and chunks are taken care of.
-- 看点: 一次调用完成整个过程：状态、首部和正文，重定向与分块都已处理。
-- Proxy: needed

local http = require("socket.http")

local address = arg and arg[1] or "http://example.com/"

http.TIMEOUT = 10
local body, status, headers, line = http.request(address)
if not body then
  io.stderr:write("Cannot get " .. address .. ": " .. tostring(status) .. "\n")
  os.exit(1)
end

print(line)
local names = {}
for name in pairs(headers) do
  names[#names + 1] = name
end
table.sort(names)
for _, name in ipairs(names) do
  print("  " .. name .. ": " .. headers[name])
end
print()
print(#body .. " bytes of body:")
print(body)
