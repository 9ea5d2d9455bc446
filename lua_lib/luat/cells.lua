-- The radio cells that the modem sees: the serving one first, then its neighbours. Reads the
-- lines of both modules; net.lua asks for them and answers scripts.

local most = 11 -- the serving cell and its neighbours

local cells = { list = {} }

--- Forgets all cells.
function cells.reset()
  cells.list = { cnt = most }
  for index = 1, most do
    cells.list[index] = { lac = 0, ci = 0, rssi = 0, ta = 0 }
  end
end

--- All numbers of a line, decimal. -?%d+ alone would read a hex 0593e101 wrongly.
local function numbers_of(line)
  local numbers = {}
  for field in line:match(":(.*)"):gmatch('[^,%s"]+') do
    numbers[#numbers + 1] = tonumber(field) or 0
  end
  return numbers
end

local function between(low, value, high)
  return math.max(low, math.min(value, high))
end

--- The code that a modem writes as the decimal of its BCD digits: 1120 is 0x460 is "460".
local function bcd(number)
  return ("%x"):format(number)
end

local function set(index, cell)
  cell.ta = cell.ta or 0
  cells.list[index] = cell
end

--- Adds a neighbour in the first free place.
local function add(cell)
  for index = 2, most do
    if cells.list[index].ci == 0 then
      set(index, cell)
      return
    end
  end
end

--- +CENG: the 2G module's cells, numbered. @return whether it was the serving one
local function read_ceng(line)
  local id, text = line:match('%+CENG:%s*(%d+),%s*"(.-)"')
  id = tonumber(id)
  if not id or id >= most then return false end
  local fields = numbers_of(":" .. text)
  if id == 0 and #fields >= 11 then
    cells.reset()
    set(1, {
      mcc = tostring(fields[4]),
      mnc = tostring(fields[5]),
      lac = fields[10],
      ci = fields[7],
      rssi = fields[2] == 99 and 0 or fields[2],
      ta = fields[11],
    })
    return true
  elseif #fields >= 7 then
    set(id + 1, {
      mcc = tostring(fields[3]),
      mnc = tostring(fields[4]),
      lac = fields[7],
      ci = fields[6],
      rssi = fields[2] == 99 and 0 or fields[2],
    })
  end
  return false
end

-- Readers of the 4G module's lines, by prefix; each says whether it was the serving cell.
local readers = {
  ["+CENG"] = read_ceng,
  ["+EEMLTESVC"] = function(line)
    local fields = numbers_of(line)
    if #fields < 15 or fields[4] == 0 or fields[10] == 0 then return false end
    cells.reset()
    set(1, {
      mcc = bcd(fields[1]),
      mnc = bcd(fields[3]),
      lac = fields[4],
      ci = fields[10],
      rssi = between(0, fields[15] // 3, 31),
    })
    return true
  end,
  ["+EEMLTEINTRA"] = function(line)
    local fields = numbers_of(line)
    if #fields >= 9 and fields[9] ~= 0 then
      add({
        mcc = bcd(fields[6]),
        mnc = bcd(fields[7]),
        lac = fields[8],
        ci = fields[9],
        rssi = between(0, fields[4] // 3, 31),
      })
    end
    return false
  end,
  ["+EEMLTEINTERRAT"] = function(line)
    local fields = numbers_of(line)
    if #fields >= 9 and fields[6] ~= 0 then
      add({
        mcc = bcd(fields[3]),
        mnc = bcd(fields[4]),
        lac = fields[5],
        ci = fields[6],
        rssi = between(0, (fields[9] + 113) // 2, 31),
      })
    end
    return false
  end,
  ["+EEMGINFOSVC"] = function(line)
    local fields = numbers_of(line)
    if #fields < 12 or fields[4] == 0 then return false end
    cells.reset()
    set(1, {
      mcc = bcd(fields[1]),
      mnc = bcd(fields[2]),
      lac = fields[3],
      ci = fields[4],
      ta = fields[10],
      rssi = between(0, fields[12], 31),
    })
    return true
  end,
}
readers["+EEMLTEINTER"] = readers["+EEMLTEINTRA"]

--- Takes one line of the modem. @return whether it told the serving cell
function cells.read(line, prefix)
  local reader = readers[prefix]
  return reader ~= nil and reader(line)
end

--- The prefixes of the lines that `read` knows.
function cells.prefixes()
  return readers
end

--- One text of all cells that are known: `describe(cell)` for each.
function cells.text(describe)
  local texts = {}
  for index = 1, most do
    local cell = cells.list[index]
    if cell.lac ~= 0 and cell.ci ~= 0 then texts[#texts + 1] = describe(cell) end
  end
  return table.concat(texts)
end

cells.reset()

return cells
