-- Coroutines: switches there and back, and short-lived ones.
local function count(n)
  return coroutine.wrap(function()
    for i = 1, n do
      coroutine.yield(i)
    end
  end)
end

local sum = 0
local next_number = count(1500000)
for _ = 1, 1500000 do
  sum = sum + next_number()
end
for _ = 1, 60000 do
  sum = sum + count(1)()
end

assert(sum > 0)
