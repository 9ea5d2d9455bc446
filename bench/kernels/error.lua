-- Protected calls that fail: raise and catch.
local function fail(why)
  error(why)
end

local caught = 0
for _ = 1, 400000 do
  local ok = pcall(fail, "refused")
  if not ok then caught = caught + 1 end
end

assert(caught == 400000)
