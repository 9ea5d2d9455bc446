-- The names that Lua 5.1 has and 5.4 has not.
print(unpack({ 1, 2, 3 }))
print(unpack({ 1, 2, 3 }, 2))
print(unpack({}, 1, 3))
print(select("#", unpack({ nil, nil, 3 }, 1, 3)))

print(table.getn({ 1, 2, 3 }), table.getn({}))
print(pcall(table.setn, {}, 3))
print(table.maxn({ 1, 2, [10] = true, x = 1 }), table.maxn({}), table.maxn({ [-1] = 1 }))
print(table.foreachi({ "a", "b", "c" }, function(i, v)
  print(i, v)
  if v == "b" then return "found" end
end))
print(table.foreach({ only = 1 }, function(k, v)
  print(k, v)
end))

for word in string.gfind("one two  three", "%a+") do
  io.write(word, ";")
end
print()
for word in ("x=1,y=2"):gfind("%a=%d") do
  io.write(word, ";")
end
print()

print(math.mod(7, 3), math.mod(-7, 3), math.mod(5.5, 2))
print(math.pow(2, 0.5), math.log10(1000) == 3, math.ldexp(0.5, 4) == 8)
print(string.format("%.3f %.3f %.3f", math.cosh(1), math.sinh(1), math.tanh(1)))
print(string.format("%g %d", math.frexp(8)))

print(loadstring("return 1, ...")("x"))
-- Where it failed; what stood there is told differently by each version.
local function place(...)
  return (select(2, loadstring(...)):gsub(" near .*", ""))
end
print(place("return +"))
print(place("return +", "=named"))
print(place("return +", "@file.lua"))
local chunk = loadstring("answer = 42")
chunk()
print(answer)

print(type(gcinfo()), gcinfo() > 0)
print(type(newproxy()), getmetatable(newproxy()))
local proxy = newproxy(true)
getmetatable(proxy).__len = function()
  return 7
end
print(#proxy, getmetatable(newproxy(proxy)) == getmetatable(proxy))
print((pcall(newproxy, 5)))
print(package.loaders ~= nil, type(package.seeall))
