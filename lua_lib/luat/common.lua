-- Text in other character sets, digits as BCD, and times in other time zones.

local common = {}
_G.common = common

--- Hex digits of UCS-2 as the low byte of each character.
function common.ucs2ToAscii(digits)
  return (
    digits:gsub("(%x%x)(%x%x)", function(_, low)
      return string.char(tonumber(low, 16))
    end)
  )
end

--- A telephone number as hex digits of UCS-2.
function common.nstrToUcs2Hex(number)
  return (
    number:gsub(".", function(digit)
      return digit == "+" and "002B" or "003" .. digit
    end)
  )
end

--- Digits as BCD, low half first, filled up with F.
-- @param length how many bytes, as many as are needed if nil
function common.numToBcdNum(digits, length)
  length = length or (#digits + 1) // 2
  local bytes = digits:gsub("(%x)(%x?)", function(low, high)
    return string.char(tonumber((high == "" and "F" or high) .. low, 16))
  end)
  return (bytes .. ("\255"):rep(length - #bytes)):sub(1, length)
end

--- BCD, low half first, as digits up to the first F.
function common.bcdNumToNum(bytes)
  local digits = bytes:gsub(".", function(byte)
    return ("%02X"):format(byte:byte()):reverse()
  end)
  return (digits:match("^%d*"))
end

--- Makes a function that turns text of one character set into another.
local function converter(from, to)
  return function(text)
    return iconv.open(to, from):iconv(text)
  end
end

common.ucs2ToGb2312 = converter("ucs2", "gb2312")
common.gb2312ToUcs2 = converter("gb2312", "ucs2")
common.ucs2beToGb2312 = converter("ucs2be", "gb2312")
common.gb2312ToUcs2be = converter("gb2312", "ucs2be")
common.ucs2ToUtf8 = converter("ucs2", "utf8")
common.utf8ToUcs2 = converter("utf8", "ucs2")
common.ucs2beToUtf8 = converter("ucs2be", "utf8")
common.utf8ToUcs2be = converter("utf8", "ucs2be")

function common.utf8ToGb2312(text)
  return common.ucs2ToGb2312(common.utf8ToUcs2(text))
end

function common.gb2312ToUtf8(text)
  return common.ucs2ToUtf8(common.gb2312ToUcs2(text))
end

--- A time of one time zone in another. @return a table: year, month, day, hour, min, sec
function common.timeZoneConvert(year, month, day, hour, minute, second, from, to)
  local is_short = year < 100 -- two digits, as the modem writes them
  local seconds = os.time({
    year = is_short and year + 2000 or year,
    month = month,
    day = day,
    hour = hour + to - from,
    min = minute,
    sec = second,
  })
  local date = os.date("*t", seconds)
  return {
    year = is_short and date.year - 2000 or date.year,
    month = date.month,
    day = date.day,
    hour = date.hour,
    min = date.min,
    sec = date.sec,
  }
end

return common
