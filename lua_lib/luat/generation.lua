-- Which of the two modules this is: Air202 (2G) or Air724U (4G), told by the core's version.
-- What differs between them and is more than one file's business stands here.

local is_2g = rtos.get_version():find("8955", 1, true) ~= nil

return {
  is_2g = is_2g,
  -- Where downloaded files that are not Lua are kept.
  resource_folder = is_2g and "/ldata/" or "/lua/",
  -- How long one AT command may take before the module restarts, in milliseconds.
  at_timeout = is_2g and 120000 or 180000,
  -- The shortest timer, in milliseconds.
  shortest_timer = is_2g and 1 or 5,
}
