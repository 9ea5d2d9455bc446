-- Protected calls that succeed.
local function add(a, b)
  return a + b
end

local sum = 0
for i = 1, 4000000 do
  local _, value = pcall(add, i, 1)
  sum = sum + value
end

assert(sum > 0)
