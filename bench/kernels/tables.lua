-- Tables: filled as arrays and as maps, then read back.
local total = 0
for _ = 1, 12 do
  local list, map = {}, {}
  for i = 1, 100000 do
    list[i] = i
    map["key" .. i % 1000] = i
  end
  for i = 1, #list do
    total = total + list[i]
  end
  for _, value in pairs(map) do
    total = total + value
  end
end

assert(total > 0)
