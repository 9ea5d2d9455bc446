-- Strings: formatting, searching, replacing, joining.
local parts = {}
for i = 1, 120000 do
  local line = string.format("line %d of %s", i, "text")
  local number = line:match("%d+")
  parts[#parts + 1] = line:gsub("text", number):upper()
end
local text = table.concat(parts, "\n")
local count = select(2, text:gsub("\n", ""))

assert(count == 119999)
