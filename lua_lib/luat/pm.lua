-- Who keeps the module awake. It may sleep when the last tag has let go.

local pm = {}
_G.pm = pm

local awake = {} -- tag -> true

--- Keeps the module awake on behalf of `tag`.
function pm.wake(tag)
  assert(tag and tag ~= nil, "pm.wake tag invalid")
  awake[tag] = true
  pmd.sleep(0)
end

--- Lets go of `tag`; after the last one the module may sleep.
function pm.sleep(tag)
  assert(tag and tag ~= nil, "pm.sleep tag invalid")
  awake[tag] = nil
  if next(awake) == nil then pmd.sleep(1) end
end

--- Says whether `tag`, or without one everybody, has let go.
function pm.isSleep(tag)
  if tag then return awake[tag] == nil end
  return next(awake) == nil
end

return pm
