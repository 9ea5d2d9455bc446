-- module() with and without package.seeall, its names, and what goes wrong.
package.preload["one"] = loadstring([[
  local print = print
  module(..., package.seeall)
  function greet(who)
    return "hello " .. who .. " from " .. _NAME
  end
  count = 0
  function up()
    count = count + 1
    return count
  end
]])
local one = require "one"
print(one == _G.one, one == package.loaded.one, one.greet("you"))
print(one.up(), one.up(), one.count, count)
print(one._NAME, one._PACKAGE, one._M == one)
print(one.print == print, rawget(one, "print"))

package.preload["deep.er.two"] = loadstring([[
  local type = type
  module("deep.er.two")
  function kind(x)
    return type(x)
  end
]])
local two = require "deep.er.two"
print(two == deep.er.two, two.kind(1), two._NAME, two._PACKAGE)
print(pcall(function()
  return two.print
end))

-- The same module again keeps its table.
local again = (function()
  module("deep.er.two")
  return _M
end)()
print(again == two, again.kind == two.kind)

-- Options are called with the module.
local seen
local function option(made)
  seen = made
end
local function with_option()
  module("three", option, package.seeall)
  return _NAME, print ~= nil
end
print(with_option())
print(seen == three)

-- A name that is taken by something else.
taken = 5
print(pcall(function()
  module("taken")
end))
print(pcall(function()
  module("taken.deeper")
end))
print(pcall(module, "from_pcall"))
print((pcall(module)))
print(package.loaded["three"] == three, rawget(_G, "greet"))
