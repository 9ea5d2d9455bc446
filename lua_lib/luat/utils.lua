-- Small helpers that LuaTask scripts expect in string, table and io.

--- Bytes as upper-case hex digits with `separator` after each pair.
-- @return the text, and how many bytes there were
function string.toHex(bytes, separator)
  separator = separator or ""
  return bytes:gsub(".", function(byte)
    return ("%02X%s"):format(byte:byte(), separator)
  end)
end

--- Hex digits as bytes; blanks and punctuation between them do not count.
-- @return the bytes, and how many there are
function string.fromHex(digits)
  return digits:gsub("[%s%p]", ""):gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end)
end

--- Each digit as a byte of that value: "12" is "\1\2".
function string.toValue(digits)
  return string.fromHex((digits:gsub("%x", "0%0")))
end

--- How many characters a UTF-8 text has; nothing that is not UTF-8 stops it.
function string.utf8Len(text)
  local _, continuations = text:gsub("[\x80-\xBF]", "")
  return #text - continuations
end

--- The characters of a UTF-8 text, one by one in a table.
function string.utf8ToTable(text)
  local characters = {}
  for character in text:gmatch("[%z\1-\x7F\xC2-\xF4][\x80-\xBF]*") do
    characters[#characters + 1] = character
  end
  return characters
end

local function percent(byte)
  return ("%%%02X"):format(byte:byte())
end

--- Everything but letters, digits and -_.~ as %XX (RFC 3986).
function string.rawurlEncode(text)
  return (text:gsub("[^%w%-_%.~]", percent))
end

--- The same for forms: a blank becomes +.
function string.urlEncode(text)
  return (text:gsub("[^%w%-_%. ]", percent):gsub(" ", "+"))
end

--- A number's text with a comma between each three digits.
function string.formatNumberThousands(number)
  local sign, whole, rest = tostring(tonumber(number)):match("^(%-?)(%d+)(.*)$")
  whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. whole .. rest
end

--- The parts of a text between `delimiter`s.
function string.split(text, delimiter)
  if text == nil or text == "" or delimiter == nil then return nil end
  local parts = {}
  local from = 1
  while delimiter ~= "" do
    local first, last = text:find(delimiter, from, true)
    if not first then break end
    parts[#parts + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return parts
end

--- The sum of all bytes in one byte, or in two if `size` is 2.
function string.checkSum(text, size)
  assert(type(text) == "string", "The first argument is not a string!")
  local sum = 0
  for index = 1, #text do
    sum = sum + text:byte(index)
  end
  return sum % (size == 2 and 0x10000 or 0x100)
end

--- An iterator over a table in the order of its sorted keys.
function table.gsort(values, compare)
  local keys = {}
  for key in pairs(values) do
    keys[#keys + 1] = key
  end
  table.sort(keys, compare)
  local index = 0
  return function()
    index = index + 1
    return keys[index], values[keys[index]]
  end
end

--- All texts of a list of texts and lists, one after the other.
function table.rconcat(list)
  if type(list) ~= "table" then return list end
  local texts = {}
  for index, item in ipairs(list) do
    texts[index] = table.rconcat(item)
  end
  return table.concat(texts)
end

--- Whether a file is there.
function io.exists(path)
  local file = io.open(path, "r")
  if file then
    file:close()
    return true
  end
  return false
end

--- A file's bytes, or nil.
function io.readFile(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read("*a")
  file:close()
  return bytes
end

--- Writes a file; `mode` is io.open's, "w+b" if nil. @return whether it worked
function io.writeFile(path, content, mode)
  local file = io.open(path, mode or "w+b")
  if not file then return false end
  local written = file:write(content)
  file:close()
  return written ~= nil
end

--- The parts of a path: dirname, filename, basename, extname.
function io.pathInfo(path)
  local folder, name = path:match("^(.*/)([^/]*)$")
  name = name or path
  local base, extension = name:match("^(.+)(%.[^.]*)$")
  return {
    dirname = folder or "",
    filename = name,
    basename = base or name,
    extname = extension or "",
  }
end

--- A file's size in bytes, 0 if it is not there.
function io.fileSize(path)
  local file = io.open(path, "rb")
  if not file then return 0 end
  local size = file:seek("end")
  file:close()
  return size
end

--- `length` bytes of a file from `offset` on, or nil.
function io.readStream(path, offset, length)
  local file = io.open(path, "rb")
  if not file then return nil end
  file:seek("set", offset)
  local bytes = file:read(length)
  file:close()
  return bytes
end

return true
