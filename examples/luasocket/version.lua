-- Title: Version and module tree
-- 标题: 版本与模块结构
-- Watch: What require("socket") gives you: each function, table and constant, as a tree.
-- 看点: require("socket") 给了什么：模块里的每个函数、表和常量，画成一棵树。
-- Proxy: no

local socket = require("socket")

print(socket._VERSION .. " on " .. _VERSION)

--- The keys of a table as text, in order.
local function sorted_keys(module)
  local keys = {}
  for key in pairs(module) do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  return keys
end

--- Prints a table below its name; a table that was shown already is only named.
local function show(module, indent, seen)
  local keys = sorted_keys(module)
  for index, key in ipairs(keys) do
    local value = module[key]
    local is_last = index == #keys
    local branch = indent .. (is_last and "└─ " or "├─ ")
    if type(value) == "table" and not seen[value] then
      seen[value] = true
      print(branch .. key)
      show(value, indent .. (is_last and "   " or "│  "), seen)
    elseif type(value) == "function" then
      print(branch .. key .. "()")
    else
      print(branch .. key .. " = " .. tostring(value))
    end
  end
end

print("socket")
show(socket, "", { [socket] = true })
