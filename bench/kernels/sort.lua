-- table.sort with its own order and with a comparator.
local state = 42
local function random()
  state = (state * 1103515245 + 12345) % 2147483648
  return state
end

for _ = 1, 3 do
  local list, records = {}, {}
  for i = 1, 40000 do
    list[i] = random()
    records[i] = { key = random() }
  end
  table.sort(list)
  table.sort(records, function(a, b)
    return a.key < b.key
  end)
  assert(list[1] <= list[2] and records[1].key <= records[2].key)
end
