// The table library: sort, whose comparator may wait, and the loops over many elements, which give
// turns, are ours; pack and unpack are upstream's. Elements are read and written with metamethods,
// as upstream does; those cannot wait.
#include <algorithm>
#include <climits>
#include <cmath>
#include <type_traits>

#include "bindings/base/base.h"
#include "bindings/base/growing_bytes.h"
#include "bindings/base/turn.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lua.h"
#include "lua/call.h"
#include "lualib.h"

namespace moonwire::bindings::base {
namespace {

// --- what counts as a table ---

struct Needs {
  bool read = false;
  bool write = false;
  bool length = false;
};

bool has_method(lua_State* state, const char* name) {
  lua_pushstring(state, name);
  const bool has = lua_rawget(state, -2) != LUA_TNIL;
  lua_pop(state, 1);
  return has;
}

/// Raises unless the argument is a table or has the metamethods that make it one.
void check_table(lua_State* state, int index, Needs needs) {
  if (lua_type(state, index) == LUA_TTABLE) return;
  if (lua_getmetatable(state, index) != 0 && (!needs.read || has_method(state, "__index")) &&
      (!needs.write || has_method(state, "__newindex")) &&
      (!needs.length || has_method(state, "__len"))) {
    lua_pop(state, 1);
    return;
  }
  luaL_checktype(state, index, LUA_TTABLE);
}

lua_Integer check_length(lua_State* state, Needs needs) {
  needs.length = true;
  check_table(state, 1, needs);
  return luaL_len(state, 1);
}

constexpr Needs reading{.read = true};
constexpr Needs writing{.write = true};
constexpr Needs both{.read = true, .write = true};

/// Adds without the undefined overflow.
lua_Integer add(lua_Integer a, lua_Integer b) {
  return static_cast<lua_Integer>(static_cast<lua_Unsigned>(a) + static_cast<lua_Unsigned>(b));
}

/// Counts elements as they are handled, many at a time.
class Pace {
 public:
  /// @return whether to give a turn before the next element.
  bool must_pause(lua_State* state) {
    if (left_-- > 0) return false;
    left_ = elements_at_a_time - 1;
    charge(elements_at_a_time);
    return must_give_turn(state);
  }

 private:
  static constexpr int elements_at_a_time = 256;
  int left_ = elements_at_a_time - 1;
};

// --- insert, remove, move ---
//
// What is left to do of a shift stands on the top of the stack while others have their turn: the
// next element to be read and how many more.

/// t[next + by] = t[next] for `count` elements, upwards or (by > 0) downwards; then `finish`.
int continue_shift_up(lua_State* state, int status, lua_KContext context);
int continue_shift_down(lua_State* state, int status, lua_KContext context);

void keep_progress(lua_State* state, lua_Integer next, lua_Integer last) {
  lua_pushinteger(state, next);
  lua_pushinteger(state, last);
}

struct Progress {
  lua_Integer next;
  lua_Integer last;
};

Progress take_progress(lua_State* state) {
  const Progress progress{lua_tointeger(state, -2), lua_tointeger(state, -1)};
  lua_pop(state, 2);
  return progress;
}

/// insert: moves the elements from `next` down to `last` up by one, then stores the value.
int run_insert(lua_State* state, Progress progress) {
  Pace pace;
  for (; progress.next > progress.last; --progress.next) {
    if (pace.must_pause(state)) {
      keep_progress(state, progress.next, progress.last);
      return give_turn(state, 0, continue_shift_up);
    }
    lua_geti(state, 1, progress.next - 1);
    lua_seti(state, 1, progress.next);
  }
  lua_seti(state, 1, progress.last);
  return 0;
}

int continue_shift_up(lua_State* state, int, lua_KContext) {
  return run_insert(state, take_progress(state));
}

int table_insert(lua_State* state) {
  const lua_Integer end = add(check_length(state, both), 1);
  switch (lua_gettop(state)) {
    case 2: lua_seti(state, 1, end); return 0;
    case 3: {
      const lua_Integer position = luaL_checkinteger(state, 2);
      if (moonwire_speaks_5_1) return run_insert(state, {std::max(end, position), position});
      luaL_argcheck(state,
                    static_cast<lua_Unsigned>(position) - 1u < static_cast<lua_Unsigned>(end), 2,
                    "position out of bounds");
      return run_insert(state, {end, position});
    }
    default: return luaL_error(state, "wrong number of arguments to 'insert'");
  }
}

/// remove: moves the elements above `next`, up to `last`, down by one; the removed one is on the
/// top.
int run_remove(lua_State* state, Progress progress) {
  Pace pace;
  for (; progress.next < progress.last; ++progress.next) {
    if (pace.must_pause(state)) {
      keep_progress(state, progress.next, progress.last);
      return give_turn(state, 0, continue_shift_down);
    }
    lua_geti(state, 1, progress.next + 1);
    lua_seti(state, 1, progress.next);
  }
  lua_pushnil(state);
  lua_seti(state, 1, progress.next);
  return 1;
}

int continue_shift_down(lua_State* state, int, lua_KContext) {
  return run_remove(state, take_progress(state));
}

int table_remove(lua_State* state) {
  const lua_Integer size = check_length(state, both);
  const lua_Integer position = luaL_optinteger(state, 2, size);
  if (moonwire_speaks_5_1 && (position < 1 || position > size)) return 0;
  if (position != size)
    luaL_argcheck(state,
                  static_cast<lua_Unsigned>(position) - 1u <= static_cast<lua_Unsigned>(size),
                  1,  // as upstream counts
                  "position out of bounds");
  lua_geti(state, 1, position);
  return run_remove(state, {position, size});
}

// The stack of a move: its five arguments.
constexpr int move_from = 2;
constexpr int move_to = 4;
constexpr int move_target = 5;

int continue_move(lua_State* state, int status, lua_KContext context);

/// Moves the elements with offsets from `next` on: up to `last` or, when it is smaller, down to it.
int run_move(lua_State* state, Progress progress) {
  Pace pace;
  const int target = lua_isnil(state, move_target) ? 1 : move_target;
  const lua_Integer from = lua_tointeger(state, move_from);
  const lua_Integer to = lua_tointeger(state, move_to);
  const lua_Integer step = progress.next <= progress.last ? 1 : -1;
  for (;; progress.next += step) {
    if (pace.must_pause(state)) {
      keep_progress(state, progress.next, progress.last);
      return give_turn(state, 0, continue_move);
    }
    lua_geti(state, 1, from + progress.next);
    lua_seti(state, target, to + progress.next);
    if (progress.next == progress.last) break;
  }
  lua_pushvalue(state, target);
  return 1;
}

int continue_move(lua_State* state, int, lua_KContext) {
  return run_move(state, take_progress(state));
}

int table_move(lua_State* state) {
  const lua_Integer from = luaL_checkinteger(state, 2);
  const lua_Integer last = luaL_checkinteger(state, 3);
  const lua_Integer to = luaL_checkinteger(state, 4);
  const int target = lua_isnoneornil(state, move_target) ? 1 : move_target;
  check_table(state, 1, reading);
  check_table(state, target, writing);
  if (last < from) {
    lua_pushvalue(state, target);
    return 1;
  }
  luaL_argcheck(state, from > 0 || last < LUA_MAXINTEGER + from, 3, "too many elements to move");
  const lua_Integer count = last - from + 1;
  luaL_argcheck(state, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
  const bool goes_up =
      to > last || to <= from || (target != 1 && lua_compare(state, 1, target, LUA_OPEQ) == 0);
  lua_settop(state, move_target);
  return run_move(state, goes_up ? Progress{0, count - 1} : Progress{count - 1, 0});
}

// --- concat ---

// The stack of a concat: its four arguments, then the block of the result, then what is kept.
constexpr int concat_block = 5;
constexpr int concat_kept = 6;

struct Concatenation {
  lua_Integer next;
  lua_Integer last;
  GrowingBytes result{concat_block, GrowingBytes::own_capacity};
};
static_assert(std::is_trivially_copyable_v<Concatenation>);

void add_element(lua_State* state, Concatenation& work) {
  lua_geti(state, 1, work.next);
  std::size_t size = 0;
  const char* bytes = lua_tolstring(state, -1, &size);
  if (bytes == nullptr)
    luaL_error(state, "invalid value (%s) at index %I in table for 'concat'",
               luaL_typename(state, -1), static_cast<LUAI_UACINT>(work.next));
  work.result.add(state, bytes, size);
  lua_pop(state, 1);
}

int continue_concat(lua_State* state, int status, lua_KContext context);

int run_concat(lua_State* state, Concatenation& work) {
  Pace pace;
  std::size_t separator_size = 0;
  const char* separator = luaL_optlstring(state, 2, "", &separator_size);
  for (; work.next < work.last; ++work.next) {
    if (pace.must_pause(state)) {
      if (lua_touserdata(state, concat_kept) != &work) {
        new (lua_newuserdatauv(state, sizeof work, 0)) Concatenation(work);
        lua_replace(state, concat_kept);
      }
      return give_turn(state, 0, continue_concat);
    }
    add_element(state, work);
    work.result.add(state, separator, separator_size);
  }
  if (work.next == work.last) add_element(state, work);
  work.result.push(state);
  return 1;
}

int continue_concat(lua_State* state, int, lua_KContext) {
  return run_concat(state, *static_cast<Concatenation*>(lua_touserdata(state, concat_kept)));
}

int table_concat(lua_State* state) {
  const lua_Integer length = check_length(state, reading);
  luaL_optlstring(state, 2, "", nullptr);
  Concatenation work{.next = luaL_optinteger(state, 3, 1),
                     .last = luaL_optinteger(state, 4, length)};
  lua_settop(state, concat_kept);
  return run_concat(state, work);
}

// --- sort ---
//
// Upstream's quicksort (Sedgewick's), its recursion a list of intervals, so that it can be left and
// entered again at every comparison.

// The stack of a sort: the table, the comparator or nil, the Sorting, then the elements at hand.
constexpr int comparator_slot = 2;
constexpr int sorting_slot = 3;

using Index = unsigned;

struct Sorting {
  /// The comparison whose result comes next.
  enum class Stage : std::uint8_t { ends, middle_and_low, up_and_middle, from_below, from_above };
  struct Interval {
    Index low, up;
  };
  // The smaller interval is sorted first, so they halve each time.
  static constexpr int most_intervals = 32;

  Stage stage;
  Index low, up;  // the interval at hand
  Index pivot;
  Index i, j;
  unsigned chance;  // 0: take the middle as pivot
  int waiting_count;
  Interval waiting[most_intervals];
};

int after_comparator(lua_State* state, int status, lua_KContext context);
int after_turn(lua_State* state, int status, lua_KContext context);

int invalid_order(lua_State* state) {
  return luaL_error(state, "invalid order function for sorting");
}

enum class Order : std::uint8_t { natural, comparator };

/// Whether the element at stack index `a` is less than that at `b`; may leave by a yield, and then
/// the sort goes on at `stage`.
template <Order order>
inline bool is_less(lua_State* state, Sorting& sorting, Sorting::Stage stage, int a, int b) {
  sorting.stage = stage;
  if constexpr (order == Order::natural) {
    const int type = lua_type(state, a);
    const bool is_plain =
        (type == LUA_TNUMBER || type == LUA_TSTRING) && lua_type(state, b) == type;
    const bool has_method = !is_plain && (luaL_getmetafield(state, a, "__lt") != LUA_TNIL ||
                                          luaL_getmetafield(state, b, "__lt") != LUA_TNIL);
    if (!has_method) {
      const bool result = lua_compare(state, a, b, LUA_OPLT) != 0;
      if (--moonwire_counts_left <= 0 && must_give_turn(state))
        lua::yield_from_within(state, result ? 1 : 0, after_turn);
      return result;
    }
  } else {
    lua_pushvalue(state, comparator_slot);
  }
  lua_pushvalue(state, a - 1);
  lua_pushvalue(state, b - 2);
  lua_callk(state, 2, 1, 0, after_comparator);
  const bool result = lua_toboolean(state, -1) != 0;
  lua_pop(state, 1);
  return result;
}

/// t[i], t[j] = the two values on the top, the upper one first.
void store(lua_State* state, Index i, Index j) {
  lua_seti(state, 1, i);
  lua_seti(state, 1, j);
}

Index choose_pivot(const Sorting& sorting) {
  constexpr Index large = 100;  // upstream's RANLIMIT
  const Index size = sorting.up - sorting.low;
  if (size < large || sorting.chance == 0) return (sorting.low + sorting.up) / 2;
  const Index quarter = size / 4;
  return sorting.chance % (quarter * 2) + (sorting.low + quarter);
}

/// Goes on with the next interval. @return false: there is none.
bool next_interval(Sorting& sorting) {
  while (sorting.low >= sorting.up) {
    if (sorting.waiting_count == 0) return false;
    const Sorting::Interval& next = sorting.waiting[--sorting.waiting_count];
    sorting.low = next.low;
    sorting.up = next.up;
  }
  return true;
}

/// Puts the larger part of a partitioned interval off and goes on with the smaller one.
void divide(lua_State* state, Sorting& sorting) {
  const Index pivot = sorting.i;
  const Index below = pivot - sorting.low;
  const Index above = sorting.up - pivot;
  Sorting::Interval small{sorting.low, pivot - 1};
  Sorting::Interval large{pivot + 1, sorting.up};
  if (below >= above) std::swap(small, large);
  const Index smaller = below < above ? below : above;
  constexpr Index imbalance = 128;
  if (large.up > large.low && (large.up - large.low) / imbalance > smaller)
    sorting.chance =
        static_cast<unsigned>(kernel::process_of(state).machine().host().entropy()) | 1u;
  if (large.low < large.up) sorting.waiting[sorting.waiting_count++] = large;
  sorting.low = small.low;
  sorting.up = small.up;
}

/// Sorts on from the result of a comparison (of sorting.stage).
template <Order order>
int run_sort(lua_State* state, Sorting& sorting, bool is_less_now) {
  using enum Sorting::Stage;
  for (;;) {
    switch (sorting.stage) {
      case ends:  // t[up] < t[low]?
        if (is_less_now)
          store(state, sorting.low, sorting.up);
        else
          lua_pop(state, 2);
        if (sorting.up - sorting.low == 1) break;
        sorting.pivot = choose_pivot(sorting);
        lua_geti(state, 1, sorting.pivot);
        lua_geti(state, 1, sorting.low);
        is_less_now = is_less<order>(state, sorting, middle_and_low, -2, -1);
        [[fallthrough]];
      case middle_and_low:  // t[pivot] < t[low]?
        if (is_less_now) {
          store(state, sorting.pivot, sorting.low);
        } else {
          lua_pop(state, 1);
          lua_geti(state, 1, sorting.up);
          is_less_now = is_less<order>(state, sorting, up_and_middle, -1, -2);
          [[fallthrough]];
          case up_and_middle:  // t[up] < t[pivot]?
            if (is_less_now)
              store(state, sorting.pivot, sorting.up);
            else
              lua_pop(state, 2);
        }
        if (sorting.up - sorting.low == 2) break;
        // Partition: the pivot stays on the stack, and in t[up - 1].
        lua_geti(state, 1, sorting.pivot);
        lua_pushvalue(state, -1);
        lua_geti(state, 1, sorting.up - 1);
        store(state, sorting.pivot, sorting.up - 1);
        sorting.i = sorting.low;
        sorting.j = sorting.up - 1;
        lua_geti(state, 1, ++sorting.i);
        is_less_now = is_less<order>(state, sorting, from_below, -1, -2);
        [[fallthrough]];
      case from_below:  // t[i] < pivot?
        while (is_less_now) {
          if (sorting.i == sorting.up - 1) return invalid_order(state);
          lua_pop(state, 1);
          lua_geti(state, 1, ++sorting.i);
          is_less_now = is_less<order>(state, sorting, from_below, -1, -2);
        }
        lua_geti(state, 1, --sorting.j);
        is_less_now = is_less<order>(state, sorting, from_above, -3, -1);
        [[fallthrough]];
      case from_above:  // pivot < t[j]?
        while (is_less_now) {
          if (sorting.j < sorting.i) return invalid_order(state);
          lua_pop(state, 1);
          lua_geti(state, 1, --sorting.j);
          is_less_now = is_less<order>(state, sorting, from_above, -3, -1);
        }
        if (sorting.j >= sorting.i) {
          store(state, sorting.i, sorting.j);
          lua_geti(state, 1, ++sorting.i);
          is_less_now = is_less<order>(state, sorting, from_below, -1, -2);
          continue;
        }
        lua_pop(state, 1);
        store(state, sorting.up - 1, sorting.i);  // t[up - 1] = t[i], t[i] = pivot
        divide(state, sorting);
        if (!next_interval(sorting)) return 0;
        lua_geti(state, 1, sorting.low);
        lua_geti(state, 1, sorting.up);
        is_less_now = is_less<order>(state, sorting, ends, -1, -2);
        continue;
    }
    // The interval was small enough to be sorted already.
    sorting.low = sorting.up;
    if (!next_interval(sorting)) return 0;
    lua_geti(state, 1, sorting.low);
    lua_geti(state, 1, sorting.up);
    is_less_now = is_less<order>(state, sorting, ends, -1, -2);
  }
}

// --- arrays of nothing but numbers ---
//
// Equal numbers of one kind cannot be told apart, so how they are sorted cannot be seen: in C++, on
// copies. The bound keeps that within some twenty milliseconds.

constexpr Index most_plain_numbers = 1u << 18;

/// Sorts if all elements are integers, or all are floats that have an order and no negative zero.
template <class Number, class Read, class Push>
bool sort_plain(lua_State* state, Index count, Read read, Push push) {
  auto* const numbers = static_cast<Number*>(lua_newuserdatauv(state, count * sizeof(Number), 0));
  for (Index i = 0; i < count; ++i) {
    lua_rawgeti(state, 1, i + 1);
    const bool fits = read(numbers[i]);
    lua_pop(state, 1);
    if (!fits) return false;
  }
  std::sort(numbers, numbers + count);
  for (Index i = 0; i < count; ++i) {
    push(numbers[i]);
    lua_rawseti(state, 1, i + 1);
  }
  charge(count);
  return true;
}

bool sort_numbers(lua_State* state, Index count) {
  if (count > most_plain_numbers || lua_type(state, 1) != LUA_TTABLE) return false;
  if (lua_getmetatable(state, 1) != 0 || lua_rawgeti(state, 1, 1) != LUA_TNUMBER) {
    lua_settop(state, comparator_slot);
    return false;
  }
  const bool are_integers = lua_isinteger(state, -1) != 0;
  const bool is_done =
      are_integers
          ? sort_plain<lua_Integer>(
                state, count,
                [state](lua_Integer& number) {
                  int is_number = 0;
                  number =
                      lua_isinteger(state, -1) != 0 ? lua_tointegerx(state, -1, &is_number) : 0;
                  return is_number != 0;
                },
                [state](lua_Integer number) { lua_pushinteger(state, number); })
          : sort_plain<lua_Number>(
                state, count,
                [state](lua_Number& number) {
                  number = lua_tonumber(state, -1);
                  return lua_type(state, -1) == LUA_TNUMBER && lua_isinteger(state, -1) == 0 &&
                         number == number && !(number == 0 && std::signbit(number));
                },
                [state](lua_Number number) { lua_pushnumber(state, number); });
  lua_settop(state, comparator_slot);
  return is_done;
}

Sorting& kept_sorting(lua_State* state) {
  return *static_cast<Sorting*>(lua_touserdata(state, sorting_slot));
}

int after_comparator(lua_State* state, int, lua_KContext) {
  const bool result = lua_toboolean(state, -1) != 0;
  lua_pop(state, 1);
  if (lua_isnil(state, comparator_slot))  // it was a metamethod
    return run_sort<Order::natural>(state, kept_sorting(state), result);
  return run_sort<Order::comparator>(state, kept_sorting(state), result);
}

int after_turn(lua_State* state, int, lua_KContext result) {
  return run_sort<Order::natural>(state, kept_sorting(state), result != 0);
}

template <Order order>
int start_sort(lua_State* state, Index count) {
  auto& sorting = *static_cast<Sorting*>(lua_newuserdatauv(state, sizeof(Sorting), 0));
  sorting.low = 1;
  sorting.up = count;
  sorting.chance = 0;
  sorting.waiting_count = 0;
  lua_geti(state, 1, sorting.low);
  lua_geti(state, 1, sorting.up);
  return run_sort<order>(state, sorting,
                         is_less<order>(state, sorting, Sorting::Stage::ends, -1, -2));
}

int table_sort(lua_State* state) {
  const lua_Integer count = check_length(state, both);
  if (count <= 1) return 0;
  luaL_argcheck(state, count < INT_MAX, 1, "array too big");
  if (!lua_isnoneornil(state, comparator_slot))
    luaL_checktype(state, comparator_slot, LUA_TFUNCTION);
  lua_settop(state, comparator_slot);
  const auto size = static_cast<Index>(count);
  if (!lua_isnil(state, comparator_slot)) return start_sort<Order::comparator>(state, size);
  if (sort_numbers(state, size)) return 0;
  return start_sort<Order::natural>(state, size);
}

constexpr luaL_Reg functions[] = {
    {"concat", table_concat}, {"insert", table_insert}, {"remove", table_remove},
    {"move", table_move},     {"sort", table_sort},     {nullptr, nullptr},
};

}  // namespace

int open_table(lua_State* state) {
  luaopen_table(state);
  luaL_setfuncs(state, functions, 0);
  charge_results(state, "unpack");
  return 1;
}

}  // namespace moonwire::bindings::base
