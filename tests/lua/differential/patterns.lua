-- Patterns: what find, match, gmatch and gsub answer, for chosen cases and for thousands made by
-- chance (always the same ones).
local function show(...)
  local out = {}
  for i = 1, select("#", ...) do
    out[i] = string.format("%q", (select(i, ...))):gsub("\n", "n")
  end
  print(table.concat(out, " "))
end

local subjects = {
  "", "a", "hello world", "key = value", "  spaces  ", "a,b,,c,", "(1 (2) 3) 4", "x=1, y=22, z=333",
  "\0null\0byte", "aaaaaaaaaaaa", "THE (quick) fox", "%d%s", "[brackets]", "a.b.c", "f(a(b)c)d)",
  "line1\nline2\r\nline3", "\xff\xfe\x80", "0x1F -12.5e+3", "aXbXc", "tail$", "^head",
}
local patterns = {
  "", ".", "a", "l+", "l*", "l-", "l?", "%a+", "%A+", "%d+", "%D+", "%s*", "%S+", "%w+", "%W+", "%x+",
  "%p+", "%c+", "%u%l*", "%z", "%Z", "%g+", "[abc]+", "[^abc]+", "[a-f]+", "[]]", "[^]]", "[%a_][%w_]*",
  "[%-x]", "[a-]", "[-a]", "(%w+)%s*=%s*(%w+)", "()", "()a()", "(a)(b)?", "^%s*(.-)%s*$", "^a", "a$",
  "$", "^$", "^", "%b()", "%bxx", "%f[%w]%w+", "%f[%W]", "%f[\0]", "(.)%1", "(%w)(%w)%2%1", "(.-),",
  "([^,]*),?", "a-b", ".-$", "%$$", "%%", "%.", "x*y*z*", "\0", "[\0]", "[%z]", "(((.)))", ".*%.", "$a",
  "a^", "(()())", "%[.-%]", "[^%s]+", "[%D]+", "()%d+()",
}
for _, pattern in ipairs(patterns) do
  for _, subject in ipairs(subjects) do
    show(pattern, subject, string.find(subject, pattern))
    show(string.match(subject, pattern, 2))
    show(string.find(subject, pattern, -3))
    show(string.gsub(subject, pattern, "<%0>", 3))
    local parts = {}
    for a, b in string.gmatch(subject, pattern) do
      parts[#parts + 1] = tostring(a) .. ":" .. tostring(b)
    end
    show(table.concat(parts, "|"))
  end
end

-- Broken ones.
for _, broken in ipairs({
  "%", "a%", "[", "[a", "[^", "[]", "[^]", "[a%", "[%", "(", "a(", ")", "a)", "(a", "%1", "(%1)", "%b", "%ba",
  "%f", "%fa", "%0", "(a)%2", "((a)", ("(a)"):rep(33), ("(" ):rep(33), "(()", "%f[", "[a-", "[%]",
}) do
  for _, subject in ipairs({ "", "a", "aa]" }) do
    show(broken, pcall(string.find, subject, broken))
    show(pcall(string.gsub, subject, broken, "x"))
    show(pcall(string.match, subject, broken))
    show(pcall(function()
      for _ in string.gmatch(subject, broken) do return "one" end
    end))
  end
end

-- Replacements.
show(string.gsub("hello world", "o", "0"))
show(string.gsub("hello world", "(o)( ?)", "[%2%1]"))
show(string.gsub("abc", "%w", "%0%0", 2))
show(string.gsub("abc", "", "-"))
show(pcall(string.gsub, "abc", ".", { a = 1, b = true, c = false }))
show(string.gsub("abc", ".", { a = "x", b = 2.5 }))
show(pcall(string.gsub, "abc", ".", { a = {} }))
show(string.gsub("abc", "(.)()", function(c, at) return at % 2 == 0 and c:upper() or nil end))
show(pcall(string.gsub, "abc", ".", function() return print end))
show(string.gsub("abc", ".", setmetatable({}, { __index = function(_, k) return k .. k end })))
show(string.gsub("abc", ".", setmetatable({}, { __index = setmetatable({ a = "A" }, { __index = { b = "B" } }) })))
show(pcall(string.gsub, "abc", ".", setmetatable({}, { __index = 5 })))
show(pcall(string.gsub, "abc", "a", "%"))
show(pcall(string.gsub, "abc", "a", "%x"))
show(pcall(string.gsub, "abc", "a", "%2"))
show(pcall(string.gsub, "abc", "(a)", "%2"))
show(pcall(string.gsub, "abc", "a", "%9"))
show(string.gsub("abc", "()", "%1"))
show(string.gsub("abc", "a", "%%"))
show(string.gsub("abc", "a", 12))
show(pcall(string.gsub, "abc", "a"))
show(pcall(string.gsub, "abc", "a", nil))
show(pcall(string.gsub, "abc", "a", true))
show(pcall(string.gsub, "abc", "a", "x", "y"))
show(string.gsub("abc", "%w", "x", 0))
show(string.gsub("abc", "%w", "x", -1))
show(string.gsub("aaa", "^a", "b"))
show(string.gsub("x = $y + $z", "%$(%w+)", { y = 1 }))
show(pcall(string.gsub, "abc", "b", error))
show(pcall(string.gsub, "abc", "b", function(c) error({ c }) end) == false)
for word in string.gmatch("one two  three", "%a+", 4) do show(word) end
for word in string.gmatch("one two", "%a+", -3) do show(word) end
for word in string.gmatch("one", "%a*", 20) do show(word) end
for word in string.gmatch("^a^a", "^a") do show(word) end
show(pcall(string.gmatch, "x"))
show(pcall(string.find, "x"))
show(pcall(string.match, nil, "x"))
show(pcall(string.find, "x", "x", {}))
show(string.find("a.b", ".", 1, true), string.find("a.b", ".b", 2, true), string.find("", "", 1, true))
show(string.find("abc", "", 4), string.find("abc", "", 5), string.find("abc", "c", -1), string.find("abc", "a", -9))
show(string.find("a\0b\0c", "\0c", 1, true), string.find("aab", "ab"), string.find("ab", "abc"))
show(string.find(("ab"):rep(500) .. "abc", "abc", 1, true))
show(string.find(("a"):rep(5000), ("a"):rep(50) .. "b", 1, true))
show(pcall(string.match, ("a"):rep(300), ("a?"):rep(300)))
show(pcall(string.match, ("a"):rep(300), ("a-"):rep(300) .. "b"))
show(#string.match(("a"):rep(100000), ".-$"), #string.match(("a"):rep(100000), "a*"))

-- By chance.
local seed = 12345
local function chance(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return (seed >> 16) % n + 1
end
local pieces = {
  "a", "b", ".", "%a", "%d", "[ab]", "[^a]", "(", ")", "()", "%1", "%b()", "%f[a]", "^", "$", "c", "%s", "[%a1]",
  "%%", "x-", "a*", "b+", "c?", ".-", ".*", "[b-d]+", "%w-",
}
local letters = { "a", "b", "c", "1", " ", "(", ")", "x", "%", "d" }
for _ = 1, 6000 do
  local pattern, subject = {}, {}
  for i = 1, chance(7) do pattern[i] = pieces[chance(#pieces)] end
  for i = 1, chance(14) do subject[i] = letters[chance(#letters)] end
  pattern, subject = table.concat(pattern), table.concat(subject)
  show(pattern, subject, pcall(string.find, subject, pattern))
  show(pcall(string.gsub, subject, pattern, "<%0>"))
  show(pcall(string.gsub, subject, pattern, "%1"))
  show(pcall(function()
    local all = {}
    for a, b in string.gmatch(subject, pattern) do all[#all + 1] = tostring(a) .. tostring(b) end
    return table.concat(all, ";")
  end))
end
