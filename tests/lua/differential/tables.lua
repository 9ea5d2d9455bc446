-- The table library: results, errors, metamethods.
local function list(t) local out = {} for i = 1, #t do out[i] = tostring(t[i]) end return table.concat(out, " ") end
local seed = 7
local function chance(n) seed = (seed * 1103515245 + 12345) % 2147483648 return (seed >> 16) % n end

-- Sorted whatever the kind, the size and the order before; distinct keys, so that there is one answer.
for _, size in ipairs({ 0, 1, 2, 3, 4, 5, 10, 100, 101, 1000, 5000 }) do
  local numbers, floats, words, mixed, down = {}, {}, {}, {}, {}
  for i = 1, size do
    numbers[i] = chance(100000) - 50000
    floats[i] = chance(100000) / 8 - 1000
    words[i] = ("%x"):format(chance(100000)) .. "\0" .. i
    mixed[i] = i % 2 == 0 and chance(1000) + 0.5 or chance(1000)
    down[i] = size - i
  end
  for _, t in ipairs({ numbers, floats, words, mixed, down }) do
    table.sort(t)
    for i = 2, #t do assert(t[i - 1] <= t[i]) end
    if #t < 200 then print(list(t):gsub("%z", ".")) end
    table.sort(t, function(a, b) return a > b end)
    for i = 2, #t do assert(t[i - 1] >= t[i]) end
    table.sort(t)
  end
  print(size, numbers[1], floats[#floats], words[1] and #words[1])
end
local zeros = { 0.0, -0.0, 1.0, -1.0 }
table.sort(zeros)
print(#zeros, zeros[1], zeros[4])

local V = {}
V.__lt = function(a, b) return a.v < b.v end
local objects = {}
for i = 1, 50 do objects[i] = setmetatable({ v = (i * 37) % 51 }, V) end
table.sort(objects)
for i = 2, 50 do assert(objects[i - 1].v <= objects[i].v) end
print(pcall(table.sort, { 3, 1, "x" }))
print(pcall(table.sort, { {}, {} }))
print(pcall(table.sort, { 1, 2, 3 }, 5))
print(pcall(table.sort, { 1, 2, 3 }, function() return true end))
print(pcall(table.sort, { 1, 2, 3, 4, 5 }, function() return true end))
print(pcall(table.sort, { 3, 2, 1 }, function() error("stop", 0) end))
print(pcall(table.sort, { 3, nil, 1 }))
print(pcall(table.sort))
print(pcall(table.sort, "abc"))
print(pcall(table.sort, setmetatable({}, { __len = function() return 1 << 40 end })))
print(pcall(table.sort, setmetatable({}, { __len = function() return "x" end })))
local seen = {}
local proxy = setmetatable({}, {
  __len = function() return 5 end,
  __index = function(_, k) return seen[k] or 10 - k end,
  __newindex = function(_, k, v) seen[k] = v end,
})
table.sort(proxy)
print(seen[1], seen[2], seen[3], seen[4], seen[5])
local nan = 0 / 0
print(pcall(function() local t = { 3, nan, 1, nan, 2 } table.sort(t) return #t end))

-- concat
print(table.concat({}), table.concat({ 1, 2.5, "x" }, ", "), table.concat({ 1, 2, 3 }, "-", 2), table.concat({ 1, 2, 3 }, "-", 2, 3))
print(table.concat({ 1, 2, 3 }, "-", 3, 2) == "", table.concat({ "a" }, "-", 1, 1))
print(pcall(table.concat, { 1, {}, 3 }))
print(pcall(table.concat, { 1, 2 }, ",", 1, 3))
print(pcall(table.concat, {}, "", 1, 1e9 // 1 | 0))
print(pcall(table.concat, { 1 }, {}))
print(pcall(table.concat, 5))
print(pcall(table.concat, { 1 }, ",", "x"))
print(table.concat({ [math.maxinteger] = "last" }, "x", math.maxinteger, math.maxinteger))
print(table.concat(setmetatable({}, { __index = function(_, k) return k end, __len = function() return 5 end }), ","))
local big = {}
for i = 1, 20000 do big[i] = i end
print(#table.concat(big, ","), #table.concat(big))

-- insert, remove, move
local t = { 1, 2, 3 }
table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 6, 5)
print(list(t), table.remove(t), table.remove(t, 1), list(t), table.remove({}), table.remove({}, 0), #t)
print(table.remove(t, #t + 1), pcall(table.remove, t, 9), pcall(table.remove, t, -1))
print(pcall(table.insert, t, 9, 1), pcall(table.insert, t, 0, 1), pcall(table.insert, t), pcall(table.insert, t, 1, 2, 3))
print(pcall(table.insert, nil, 1), pcall(table.insert, t, "x", 1), pcall(table.insert, 5, 5))
for i = 1, 1000 do table.insert(t, 1, i) end
print(#t, t[1], t[1000], t[1001])
for _ = 1, 500 do table.remove(t, 1) end
print(#t, t[1])
print(list(table.move({ 1, 2, 3, 4, 5 }, 2, 4, 1)), list(table.move({ 1, 2, 3, 4, 5 }, 1, 4, 2)), list(table.move({ 1, 2, 3 }, 1, 3, 3)))
print(list(table.move({ 1, 2, 3 }, 1, 3, 1, {})), list(table.move({ 1, 2, 3 }, 2, 1, 5)), list(table.move({ 1, 2, 3 }, 1, 3, 2, { 9 })))
print(pcall(table.move, {}, -1, math.maxinteger, 1))
print(pcall(table.move, {}, 1, 10, math.maxinteger))
print(pcall(table.move, {}, 1, 2))
print(pcall(table.move, 1, 1, 2, 3))
print(pcall(table.move, {}, 1, 2, 3, 4))
local moved = table.move({ 1, 2, 3 }, 1, 3, math.maxinteger - 2, {})
print(moved[math.maxinteger], moved[math.maxinteger - 2])
print(list(table.move(big, 1, 20000, 2)):sub(1, 20), big[20001])
print(table.unpack({ 1, 2, 3 }, 2), table.unpack({}, 1, 3), select("#", table.unpack({}, 1, 200)))
print(pcall(table.unpack, {}, 1, 1e8 // 1 | 0))
print(table.pack(1, nil, 3).n, #table.pack())

-- next, pairs, ipairs
for i, v in ipairs({ "a", "b", nil, "d" }) do io.write(i, v, " ") end
for i, v in ipairs(setmetatable({ "raw" }, { __index = function(_, k) if k < 4 then return k * 2 end end })) do io.write(i, ":", v, " ") end
for i, v in ipairs(setmetatable({}, { __index = { "from", "table" } })) do io.write(i, v, " ") end

print(pcall(ipairs), pcall(function() for _ in ipairs(5) do end end))
print(pcall(function() for _ in ipairs(nil) do end end))
print(next({}), next({ 1 }), pcall(next, {}, "no"), rawlen({ 1, 2 }), rawequal("a", "a"))
