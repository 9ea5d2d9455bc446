-- Closures: made and called, with upvalues that change.
local function counter(start)
  local value = start
  return function(step)
    value = value + step
    return value
  end
end

local sum = 0
for i = 1, 1600000 do
  local count = counter(i)
  count(1)
  sum = sum + count(2)
end

assert(sum > 0)
