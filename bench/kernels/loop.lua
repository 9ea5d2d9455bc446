-- A loop of integer and float arithmetic, and nothing else.
local sum, product = 0, 1.0
for i = 1, 20000000 do
  sum = sum + i % 7
  product = product * 1.0000001
end

assert(sum > 0 and product > 1)
