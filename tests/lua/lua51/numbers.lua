-- Numbers and lists as Lua 5.1 has them: no integers, fractions cut where a C int is wanted, insert
-- without bounds.
print(10 / 2, 2 ^ 53, 1e15, 7 % 3, -0.5, 1e100, 3.14159265358979, 10 .. "")
print(string.format("%d %d", 3.7, -3.7), string.rep("x", 2.5), ("abc"):sub(1.9, 2.2))
print(#"abc", "10" + 5, tonumber("0x1F"), tonumber("  12  "), tonumber("z", 36))
print(math.floor(3.7), math.max(1, 2.5), math.fmod(5, 3), math.modf(3.7))
for i = 1, 3 / 2 do
  io.write(i, " ")
end
for i = 0, 1, 0.5 do
  io.write(i, " ")
end
print()

local list = {}
table.insert(list, 3, "third")
print(list[3])
list = { 1, 2, 3 }
table.insert(list, 0, "zeroth")
print(list[0], list[1], list[2], list[3], list[4])
list = { 1, 2, 3 }
table.insert(list, 2, "second")
print(table.concat(list, ","))
print(select("#", table.remove({})), select("#", table.remove({ 1 }, 5)), (table.remove({ 1 }, 0)))
print(table.remove({ 1, 2, 3 }), table.remove({ 1, 2, 3 }, 1))

print(coroutine.running())
print(coroutine.wrap(function()
  return type(coroutine.running()), select("#", coroutine.running())
end)())

local function count(...) -- luacheck: ignore 212
  return arg.n, #arg
end
print(count(1, nil, 3))
print(count())
