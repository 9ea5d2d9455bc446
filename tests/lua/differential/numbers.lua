-- Numbers as text.
for _, n in ipairs({ 0, 1, -1, 9, 10, -10, 4294967295, 4294967296, -4294967296, 10000000000,
  math.maxinteger, math.mininteger, math.mininteger + 1, 0.1, 1e15, 1e100, -0.0, 1 / 3, 2 ^ 53, 3.0, 1e14, 123456789.125 }) do
  print(n, tostring(n), n .. "", ("%s"):format(n), #tostring(n))
end
print(1 / 0, -1 / 0, math.pi)
for i = 0, 63 do io.write(1 << i, " ", -(1 << i), " ") end
print()
local keys = {}
for i = -20, 20 do keys[#keys + 1] = "key" .. i * 12345 end
print(table.concat(keys, " "), table.concat({ 1, 2.5, "x", -3 }, ","))
