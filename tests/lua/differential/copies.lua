-- Strings put together from pieces of every length at every alignment: what copies bytes copies
-- them all, and only them.
local letters = {}
for i = 1, 70000 do
  letters[i] = string.char(33 + i * 7 % 90)
end
local data = table.concat(letters)
local lengths = {}
for length = 0, 300 do
  lengths[#lengths + 1] = length
end
for _, power in ipairs { 512, 1024, 4096, 8192, 65536 } do
  for around = -2, 2 do
    lengths[#lengths + 1] = power + around
  end
end

local function is_copy(text, from, length)
  for i = 1, length, length > 600 and 13 or 1 do
    if text:byte(i) ~= data:byte(from + i - 1) then return false end
  end
  return length == 0 or text:byte(length) == data:byte(from + length - 1)
end

local wrong, tried = 0, 0
for _, length in ipairs(lengths) do
  for offset = 0, 17 do
    local piece = data:sub(offset + 1, offset + length)
    local whole = ("<"):rep(17 - offset) .. piece .. ">"
    tried = tried + 1
    local is_right = #piece == length and is_copy(piece, offset + 1, length)
      and is_copy(whole:sub(18 - offset), offset + 1, length)
      and whole:sub(1, 17 - offset) == ("<"):rep(17 - offset) and whole:sub(-1) == ">"
    if not is_right then
      wrong = wrong + 1
      print("wrong", length, offset)
    end
  end
end
print(tried, wrong)
