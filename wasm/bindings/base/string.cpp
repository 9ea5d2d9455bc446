// The string library: searching and replacing, which may be long or call Lua, are ours; the rest is
// upstream's.
#include <algorithm>
#include <climits>
#include <cstring>

#include "bindings/base/base.h"
#include "bindings/base/growing_bytes.h"
#include "bindings/base/lookup.h"
#include "bindings/base/pattern.h"
#include "bindings/base/turn.h"
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

namespace moonwire::bindings::base {
namespace {

using Outcome = PatternMatcher::Outcome;

constexpr std::size_t longest_string = INT_MAX;  // as upstream; memory ends long before

std::string_view check_string(lua_State* state, int index) {
  std::size_t size = 0;
  const char* bytes = luaL_checklstring(state, index, &size);
  return {bytes, size};
}

/// A start position as scripts give it, from 1 or from the end, to an offset.
std::size_t start_offset(lua_Integer position, std::size_t size) {
  if (position > 0) return static_cast<std::size_t>(position) - 1;
  if (position == 0 || position < -static_cast<lua_Integer>(size)) return 0;
  return size - static_cast<std::size_t>(-position);
}

// --- searches that stop and go on ---

// Steps that a search takes before it asks whether the slice is over.
constexpr int steps_at_a_time = 4096;

/// Searches until there is an answer or the process has to give a turn.
Outcome search(lua_State* state, PatternMatcher& matcher) {
  for (;;) {
    matcher.grant(steps_at_a_time);
    const Outcome outcome = matcher.search();
    charge(static_cast<std::size_t>(steps_at_a_time - matcher.steps_left()));
    if (outcome != Outcome::spent || must_give_turn(state)) return outcome;
  }
}

/// Puts a stopped search where it survives the turn: a userdata at stack index `slot`.
void keep(lua_State* state, const PatternMatcher& matcher, int slot) {
  if (lua_touserdata(state, slot) == &matcher) return;
  void* kept = lua_newuserdatauv(state, sizeof(PatternMatcher), 0);
  std::memcpy(kept, static_cast<const void*>(&matcher), matcher.used_bytes());
  lua_replace(state, slot);
}

PatternMatcher& kept(lua_State* state, int slot) {
  return *static_cast<PatternMatcher*>(lua_touserdata(state, slot));
}

// --- find and match ---

/// A plain search in linear time.
const char* find_plain(std::string_view text, std::string_view wanted) {
  if (wanted.empty()) return text.data();
  if (wanted.size() > text.size()) return nullptr;
  const char* at = text.data();
  const char* const last = at + (text.size() - wanted.size());
  // Fast where the first character is rare; after too many false starts the C library's way, which
  // cannot be made to take long.
  std::size_t patience = 64 + text.size();
  while (at <= last) {
    const auto rest = static_cast<std::size_t>(last - at) + 1;
    at = static_cast<const char*>(std::memchr(at, wanted[0], rest));
    if (at == nullptr) return nullptr;
    if (std::memcmp(at + 1, wanted.data() + 1, wanted.size() - 1) == 0) return at;
    ++at;
    if (patience < wanted.size()) {
      return static_cast<const char*>(
          memmem(at, static_cast<std::size_t>(text.data() + text.size() - at), wanted.data(),
                 wanted.size()));
    }
    patience -= wanted.size();
  }
  return nullptr;
}

bool has_specials(std::string_view pattern) {
  for (const char c : pattern) {
    switch (c) {
      case '^':
      case '$':
      case '*':
      case '+':
      case '?':
      case '.':
      case '(':
      case '[':
      case '%':
      case '-': return true;
      default: break;
    }
  }
  return false;
}

enum class Wanted : lua_KContext { find, match };

// The stack of a search: the four arguments, then the kept matcher.
constexpr int search_slot = 5;

int continue_find(lua_State* state, int, lua_KContext context);

int run_find(lua_State* state, PatternMatcher& matcher, Wanted wanted) {
  switch (search(state, matcher)) {
    case Outcome::failed: luaL_pushfail(state); return 1;
    case Outcome::spent:
      lua_settop(state, search_slot);
      keep(state, matcher, search_slot);
      return give_turn(state, static_cast<lua_KContext>(wanted), continue_find);
    case Outcome::matched: break;
  }
  if (wanted == Wanted::match) return matcher.push_captures(true);
  lua_pushinteger(state, matcher.match_begin() - matcher.subject_begin() + 1);
  lua_pushinteger(state, matcher.match_end() - matcher.subject_begin());
  return matcher.push_captures(false) + 2;
}

int continue_find(lua_State* state, int, lua_KContext context) {
  return run_find(state, kept(state, search_slot), static_cast<Wanted>(context));
}

int start_find(lua_State* state, Wanted wanted) {
  const std::string_view subject = check_string(state, 1);
  std::string_view pattern = check_string(state, 2);
  const std::size_t start = start_offset(luaL_optinteger(state, 3, 1), subject.size());
  if (start > subject.size()) {
    luaL_pushfail(state);
    return 1;
  }
  if (wanted == Wanted::find && (lua_toboolean(state, 4) != 0 || !has_specials(pattern))) {
    const char* found = find_plain(subject.substr(start), pattern);
    charge(subject.size() / 1024);
    if (found == nullptr) {
      luaL_pushfail(state);
      return 1;
    }
    const lua_Integer offset = found - subject.data();
    lua_pushinteger(state, offset + 1);
    lua_pushinteger(state, offset + static_cast<lua_Integer>(pattern.size()));
    return 2;
  }
  const bool is_anchored = pattern.starts_with('^');
  if (is_anchored) pattern.remove_prefix(1);
  PatternMatcher matcher;
  matcher.begin(state, subject, pattern, is_anchored, subject.data() + start);
  return run_find(state, matcher, wanted);
}

int string_find(lua_State* state) {
  return start_find(state, Wanted::find);
}

int string_match(lua_State* state) {
  return start_find(state, Wanted::match);
}

// --- gmatch ---

/// Where an iteration stands; its iterator's upvalues are subject, pattern and this.
struct Iteration {
  std::string_view subject;
  std::string_view pattern;
  const char* next;
  const char* last_end;
};

int continue_iteration(lua_State* state, int, lua_KContext);

int run_iteration(lua_State* state, PatternMatcher& matcher) {
  switch (search(state, matcher)) {
    case Outcome::failed: return 0;
    case Outcome::spent:
      lua_settop(state, search_slot);
      keep(state, matcher, search_slot);
      return give_turn(state, 0, continue_iteration);
    case Outcome::matched: break;
  }
  auto& iteration = *static_cast<Iteration*>(lua_touserdata(state, lua_upvalueindex(3)));
  iteration.next = iteration.last_end = matcher.match_end();
  return matcher.push_captures(true);
}

int continue_iteration(lua_State* state, int, lua_KContext) {
  return run_iteration(state, kept(state, search_slot));
}

int next_match(lua_State* state) {
  const auto& iteration = *static_cast<Iteration*>(lua_touserdata(state, lua_upvalueindex(3)));
  if (iteration.next > iteration.subject.data() + iteration.subject.size()) return 0;
  PatternMatcher matcher;
  matcher.begin(state, iteration.subject, iteration.pattern, false, iteration.next);
  matcher.refuse_end(iteration.last_end);
  return run_iteration(state, matcher);
}

int string_gmatch(lua_State* state) {
  const std::string_view subject = check_string(state, 1);
  const std::string_view pattern = check_string(state, 2);
  const std::size_t start = start_offset(luaL_optinteger(state, 3, 1), subject.size());
  lua_settop(state, 2);
  auto* iteration = static_cast<Iteration*>(lua_newuserdatauv(state, sizeof(Iteration), 0));
  *iteration = {subject, pattern, subject.data() + std::min(start, subject.size() + 1), nullptr};
  lua_pushcclosure(state, next_match, 3);
  return 1;
}

// --- gsub ---

// The stack of a substitution: subject, pattern, replacement, limit, then the kept Substitution,
// the kept matcher and the result's block once it has outgrown the Substitution.
constexpr int subject_slot = 1;
constexpr int pattern_slot = 2;
constexpr int replacement_slot = 3;
constexpr int substitution_slot = 5;
constexpr int matcher_slot = 6;
constexpr int block_slot = 7;

/// All that a substitution has to remember between two matches.
struct Substitution {
  explicit Substitution(std::size_t result_capacity) : result(block_slot, result_capacity) {}

  const char* rest = nullptr;  // of the subject, not yet in the result
  const char* last_end = nullptr;
  const char* match_begin = nullptr;  // while a replacement is computed
  lua_Integer count = 0;
  lua_Integer limit = 0;
  int replacement_type = LUA_TNIL;
  bool is_anchored = false;
  bool has_changed = false;
  bool is_spare = false;
  GrowingBytes result;  // last, so that a short one can be cut off
};

static_assert(std::is_trivially_copyable_v<Substitution>);

/// Adds a replacement string, its captures put in.
void add_replacement(lua_State* state, Substitution& work, const PatternMatcher& matcher) {
  std::size_t size = 0;
  const char* text = lua_tolstring(state, replacement_slot, &size);
  const char* const text_end = text + size;
  while (const void* escape = std::memchr(text, '%', static_cast<std::size_t>(text_end - text))) {
    const char* at = static_cast<const char*>(escape);
    work.result.add(state, text, static_cast<std::size_t>(at - text));
    ++at;
    if (*at == '%') {
      work.result.add(state, '%');
    } else if (*at == '0') {
      work.result.add(state, matcher.match_begin(),
                      static_cast<std::size_t>(matcher.match_end() - matcher.match_begin()));
    } else if (*at >= '1' && *at <= '9') {
      bool is_pushed = false;
      std::string_view captured = matcher.capture(*at - '1', is_pushed);
      if (is_pushed) {
        std::size_t digits = 0;
        const char* number = lua_tolstring(state, -1, &digits);
        captured = {number, digits};
      }
      work.result.add(state, captured.data(), captured.size());
      if (is_pushed) lua_pop(state, 1);
    } else {
      luaL_error(state, "invalid use of '%c' in replacement string", '%');
    }
    text = at + 1;
  }
  work.result.add(state, text, static_cast<std::size_t>(text_end - text));
}

/// Adds the value that a function or table gave for the match (it is on the top).
void add_value(lua_State* state, Substitution& work) {
  if (lua_toboolean(state, -1) == 0) {
    work.result.add(state, work.match_begin,
                    static_cast<std::size_t>(work.last_end - work.match_begin));
  } else {
    std::size_t size = 0;
    const char* value = lua_tolstring(state, -1, &size);
    if (value == nullptr)
      luaL_error(state, "invalid replacement value (a %s)", luaL_typename(state, -1));
    work.result.add(state, value, size);
    work.has_changed = true;
  }
  lua_settop(state, block_slot);
}

/// Pushes a Substitution that survives a wait. The one that was used last is used again (it is
/// gsub's upvalue), unless its substitution has not come to its end.
Substitution* push_substitution(lua_State* state) {
  constexpr std::size_t cut = GrowingBytes::own_capacity - GrowingBytes::short_capacity;
  void* place = lua_touserdata(state, lua_upvalueindex(1));
  if (place != nullptr && static_cast<Substitution*>(place)->is_spare) {
    lua_pushvalue(state, lua_upvalueindex(1));
  } else {
    place = lua_newuserdatauv(state, sizeof(Substitution) - cut, 0);
    lua_pushvalue(state, -1);
    lua_replace(state, lua_upvalueindex(1));
  }
  return new (place) Substitution(GrowingBytes::short_capacity);
}

int finish_gsub(lua_State* state, Substitution& work) {
  if (work.has_changed) {
    const std::string_view subject = check_string(state, subject_slot);
    work.result.add(state, work.rest,
                    static_cast<std::size_t>(subject.data() + subject.size() - work.rest));
    work.result.push(state);
  } else {
    lua_pushvalue(state, subject_slot);
  }
  lua_pushinteger(state, work.count);
  work.is_spare = true;
  return 2;
}

int continue_gsub(lua_State* state, int, lua_KContext stage);
enum GsubStage : lua_KContext { searching, replacing };

void begin_matcher(lua_State* state, PatternMatcher& matcher, const Substitution& work) {
  std::string_view pattern = check_string(state, pattern_slot);
  if (work.is_anchored) pattern.remove_prefix(1);
  matcher.begin(state, check_string(state, subject_slot), pattern, work.is_anchored, work.rest);
  matcher.refuse_end(work.last_end);
}

/// The value for a match from a function or a table: on the top.
void call_replacement(lua_State* state, const PatternMatcher& matcher, int type) {
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(state, replacement_slot);
    const int count = matcher.push_captures(true);
    lua_callk(state, count, 1, replacing, continue_gsub);
    return;
  }
  matcher.push_capture(0);
  if (start_lookup(state, replacement_slot)) lua_callk(state, 2, 1, replacing, continue_gsub);
}

int run_gsub(lua_State* state, Substitution* work, PatternMatcher& matcher) {
  while (work->count < work->limit) {
    const Outcome outcome = search(state, matcher);
    if (outcome == Outcome::failed) break;
    if (outcome == Outcome::spent) {
      if (lua_touserdata(state, substitution_slot) != work) {
        void* place = lua_newuserdatauv(state, sizeof(Substitution), 0);
        work = static_cast<Substitution*>(std::memcpy(place, work, sizeof(Substitution)));
        lua_replace(state, substitution_slot);
      }
      keep(state, matcher, matcher_slot);
      return give_turn(state, searching, continue_gsub);
    }
    ++work->count;
    work->match_begin = matcher.match_begin();
    work->result.add(state, work->rest, static_cast<std::size_t>(work->match_begin - work->rest));
    work->rest = work->last_end = matcher.match_end();
    if (work->replacement_type == LUA_TFUNCTION || work->replacement_type == LUA_TTABLE) {
      call_replacement(state, matcher, work->replacement_type);
      add_value(state, *work);
    } else {
      add_replacement(state, *work, matcher);
      work->has_changed = true;
    }
    if (work->is_anchored) break;
    matcher.begin_again(work->rest);
    matcher.refuse_end(work->last_end);
  }
  return finish_gsub(state, *work);
}

int continue_gsub(lua_State* state, int, lua_KContext stage) {
  auto* work = static_cast<Substitution*>(lua_touserdata(state, substitution_slot));
  if (stage == searching) return run_gsub(state, work, kept(state, matcher_slot));
  add_value(state, *work);
  if (work->is_anchored) return finish_gsub(state, *work);
  PatternMatcher matcher;
  begin_matcher(state, matcher, *work);
  return run_gsub(state, work, matcher);
}

int string_gsub(lua_State* state) {
  const std::string_view subject = check_string(state, subject_slot);
  const std::string_view pattern = check_string(state, pattern_slot);
  const int type = lua_type(state, replacement_slot);
  const lua_Integer limit = luaL_optinteger(state, 4, static_cast<lua_Integer>(subject.size()) + 1);
  luaL_argexpected(
      state,
      type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE,
      replacement_slot, "string/function/table");
  lua_settop(state, block_slot);
  Substitution here{GrowingBytes::own_capacity};
  Substitution* work = &here;
  if (type == LUA_TFUNCTION || type == LUA_TTABLE) {  // it may have to survive a wait
    work = push_substitution(state);
    lua_replace(state, substitution_slot);
  }
  work->rest = subject.data();
  work->limit = limit;
  work->replacement_type = type;
  work->is_anchored = pattern.starts_with('^');
  PatternMatcher matcher;
  begin_matcher(state, matcher, *work);
  return run_gsub(state, work, matcher);
}

// --- rep ---

int string_rep(lua_State* state) {
  const std::string_view text = check_string(state, 1);
  const lua_Integer wanted = luaL_checkinteger(state, 2);
  std::size_t separator_size = 0;
  const char* separator = luaL_optlstring(state, 3, "", &separator_size);
  const std::size_t unit = text.size() + separator_size;
  if (wanted <= 0 || unit == 0) {
    lua_pushliteral(state, "");
    return 1;
  }
  if (unit < text.size() || unit > longest_string / static_cast<lua_Unsigned>(wanted))
    return luaL_error(state, "resulting string too large");
  const auto count = static_cast<std::size_t>(wanted);
  const std::size_t size = count * unit - separator_size;
  luaL_Buffer result;
  char* bytes = luaL_buffinitsize(state, &result, size);
  // The first unit, then what is there again and again: few copies, however many units.
  std::size_t done = text.copy(bytes, text.size());
  if (count > 1) {
    std::memcpy(bytes + done, separator, separator_size);
    done += separator_size;
  }
  while (done < size) {
    const std::size_t more = std::min(done, size - done);
    std::memcpy(bytes + done, bytes, more);
    done += more;
  }
  luaL_pushresultsize(&result, size);
  return 1;
}

// --- format ---

lua_CFunction upstream_format(lua_State* state) {
  return lua_tocfunction(state, lua_upvalueindex(1));
}

/// The stack index of the next argument that "%s" would convert by a __tostring, or 0.
int next_to_convert(lua_State* state) {
  const int last = lua_gettop(state);
  bool has_object = false;
  for (int index = 2; index <= last && !has_object; ++index)
    has_object = lua_type(state, index) == LUA_TTABLE || lua_type(state, index) == LUA_TUSERDATA;
  if (!has_object || lua_type(state, 1) != LUA_TSTRING) return 0;
  std::string_view format = check_string(state, 1);
  int argument = 1;
  while (!format.empty()) {
    const auto percent = format.find('%');
    if (percent == std::string_view::npos) return 0;
    format.remove_prefix(percent + 1);
    if (format.starts_with('%')) {
      format.remove_prefix(1);
      continue;
    }
    if (++argument > last) return 0;
    const auto conversion = format.find_first_not_of("-+ #0123456789.");
    if (conversion == std::string_view::npos) return 0;
    const bool is_object = format[conversion] == 's' && lua_type(state, argument) != LUA_TSTRING;
    if (is_object && luaL_getmetafield(state, argument, "__tostring") != LUA_TNIL) {
      return argument;  // the method is on the top
    }
    format.remove_prefix(conversion + 1);
  }
  return 0;
}

int continue_format(lua_State* state, int, lua_KContext context) {
  for (auto converted = static_cast<int>(context);;) {
    if (converted != 0) {
      if (lua_isstring(state, -1) == 0)
        return luaL_error(state, "'__tostring' must return a string");
      lua_tostring(state, -1);  // a number becomes its text
      lua_replace(state, converted);
    }
    converted = next_to_convert(state);
    if (converted == 0) return upstream_format(state)(state);
    lua_pushvalue(state, converted);
    lua_callk(state, 1, 1, converted, continue_format);
  }
}

int string_format(lua_State* state) {
  return continue_format(state, LUA_OK, 0);
}

constexpr luaL_Reg functions[] = {
    {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch},
    {"rep", string_rep},   {nullptr, nullptr},
};

}  // namespace

int open_string(lua_State* state) {
  luaopen_string(state);
  luaL_setfuncs(state, functions, 0);
  charge_results(state, "byte");
  lua_pushnil(state);
  lua_pushcclosure(state, string_gsub, 1);
  lua_setfield(state, -2, "gsub");
  lua_getfield(state, -1, "format");
  lua_pushcclosure(state, string_format, 1);
  lua_setfield(state, -2, "format");
  return 1;
}

}  // namespace moonwire::bindings::base
