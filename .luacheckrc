-- luacheck's settings. Upstream's files are not in the tree; what scripts may see is plain Lua 5.4.
std = "lua54"
max_line_length = 100
codes = true
