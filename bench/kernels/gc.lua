-- The garbage collector: many small objects, a few that live on.
local kept = {}
for i = 1, 1200000 do
  local node = { value = i, next = { i } }
  if i % 100 == 0 then kept[#kept + 1] = node end
end
collectgarbage()

assert(#kept == 12000)
