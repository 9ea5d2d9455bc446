-- os: dates and times in UTC, and what else has one answer everywhere.
local moments = {
  0, 1, 59, 86399, 86400, 951782400, 951868800, 1078012800, 1700000000, 2147483647, 2147483648, 4102444800,
  -1, -86400, -2208988800, -62135596800, -62167219200, 253402300799, 32503680000, 1e11 // 1 | 0,
}
for year = 2005, 2033 do moments[#moments + 1] = os.time({ year = year, month = 1, day = 1 }) end
for year = 2005, 2033 do moments[#moments + 1] = os.time({ year = year, month = 12, day = 31 }) end
local every = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYz%"
for _, moment in ipairs(moments) do
  local out = {}
  for letter in every:gmatch(".") do out[#out + 1] = os.date("!%" .. letter, moment) end
  print(moment, table.concat(out, "|"))
  print(os.date("!%EC %Ex %EX %Ey %EY %Od %OH %OI %Om %OM %OS %Ou %OU %OV %Ow %OW %Oy", moment))
  local t = os.date("!*t", moment)
  print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst)
end
print(os.date("!%Z", 0), os.date("!", 0) == "", os.date("!plain", 0), os.date("!%%%d%%", 0), os.date("!%c", 0))
for _, bad in ipairs({ "%", "%Q", "%E", "%Ez", "%Oc", "%5d", "%-d", "!%", "!%i" }) do print(pcall(os.date, bad, 0)) end
print(pcall(os.date, "%c", "x"), pcall(os.date, "%c", 1.5), pcall(os.date, {}))
print(pcall(os.date, "!%c", math.maxinteger))
print(pcall(os.date, "!%c", math.mininteger))
print(pcall(os.date, "*t", 1 << 60))
for _, fields in ipairs({
  { year = 2020, month = 2, day = 30 }, { year = 2020, month = 14, day = 1 }, { year = 2020, month = -3, day = 0 },
  { year = 2021, month = 1, day = 1, hour = 0 }, { year = 2021, month = 1, day = 400, hour = 30, min = 90, sec = 3600 },
  { year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 58 }, { year = 0, month = 1, day = 1 },
  { year = 2000.0, month = "3", day = 1 }, { year = -5000, month = 6, day = 6 }, { year = 2024, month = 2, day = 29, sec = -1 },
}) do
  print(os.time(fields), fields.year, fields.month, fields.day, fields.hour, fields.min, fields.sec, fields.wday, fields.yday)
end
print(pcall(os.time, {}))
print(pcall(os.time, { year = 2020 }))
print(pcall(os.time, { year = 2020, month = 1 }))
print(pcall(os.time, { year = 2020, month = 1.5, day = 1 }))
print(pcall(os.time, { year = "x", month = 1, day = 1 }))
print(pcall(os.time, { year = 1 << 40, month = 1, day = 1 }))
print(pcall(os.time, { year = 2020, month = 1, day = 1 << 40 }))
print(pcall(os.time, { year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59 }))
print(pcall(os.time, 5))
print(math.type(os.time()), math.type(os.clock()), os.time() > 1600000000, os.clock() >= 0)
print(os.difftime(10, 5), os.difftime(5, 10), pcall(os.difftime), pcall(os.difftime, 1))
print(pcall(os.difftime, 1.5, 2))
print(os.setlocale(), os.setlocale("C"), os.setlocale(nil, "all"), os.setlocale("", "time") ~= nil, os.setlocale("xx_YY"))
print(pcall(os.setlocale, "C", "bad"))
print(os.getenv("SURELY_NOT_SET"), pcall(os.getenv))
print(type(os.tmpname()), pcall(os.remove), pcall(os.rename, "x"))
print(pcall(os.exit, "x"))
