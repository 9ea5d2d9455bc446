// Our searches and upstream's must answer alike, errors included. The input is a pattern, a
// replacement and a subject with NULs between; short, because upstream cannot be stopped.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bindings/dialects.h"
#include "lua.h"
#include "lualib.h"
#include "support/script_runner.h"

namespace {

constexpr const char* script = R"(
local subject, pattern, replacement = ...
local function same(name, call)
  local ours = table.pack(pcall(call, string))
  local theirs = table.pack(pcall(call, upstream))
  for i = 1, math.max(ours.n, theirs.n) do
    if ours[i] ~= theirs[i] then
      print(name, i, ours[i], theirs[i])
    end
  end
end
same("find", function(s) return s.find(subject, pattern) end)
same("match", function(s) return s.match(subject, pattern, 2) end)
same("plain", function(s) return s.find(subject, pattern, 1, true) end)
same("gsub", function(s) return s.gsub(subject, pattern, replacement) end)
same("gsub function", function(s) return s.gsub(subject, pattern, function(a, b) return b end) end)
same("gmatch", function(s)
  local all = {}
  for a, b in s.gmatch(subject, pattern) do all[#all + 1] = tostring(a) .. "," .. tostring(b) end
  return table.concat(all, ";")
end)
)";

void open_both(lua_State* state, moonwire::kernel::Dialect dialect) {
  luaopen_string(state);
  lua_setglobal(state, "upstream");
  moonwire::bindings::open_libraries(state, dialect);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest_pattern = 12;
  constexpr std::size_t longest_subject = 24;
  std::string parts[3];
  int part = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0 && part < 2)
      ++part;
    else
      parts[part] += static_cast<char>(data[i]);
  }
  if (parts[0].size() > longest_pattern || parts[2].size() > longest_subject) return 0;
  moonwire::testing::ScriptRunner runner({.slice_counts = 50, .slice_check_counts = 50}, {},
                                         open_both);
  const auto pid = runner.start(script, {parts[2], parts[0], parts[1]});
  runner.run_until_idle(1'000'000);
  const std::string said = runner.output(pid) + runner.errors(pid);
  if (!said.empty()) {
    std::fprintf(stderr, "%s\n", said.c_str());
    std::abort();
  }
  return 0;
}
