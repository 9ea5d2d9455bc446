#include "bindings/base/pattern.h"

#include <array>
#include <cstring>

#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {
namespace {

// --- characters of the C locale ---

enum CharacterClass : std::uint8_t {
  letter = 1,
  control = 2,
  digit = 4,
  lower = 8,
  punctuation = 16,
  space = 32,
  upper = 64,
  hexadecimal = 128,
};

constexpr std::array<std::uint8_t, 256> classes = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 0; c < 128; ++c) {
    int of = 0;
    if (c >= 'a' && c <= 'z') of |= letter | lower;
    if (c >= 'A' && c <= 'Z') of |= letter | upper;
    if (c >= '0' && c <= '9') of |= digit | hexadecimal;
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) of |= hexadecimal;
    if (c < ' ' || c == 127) of |= control;
    if (c == ' ' || (c >= '\t' && c <= '\r')) of |= space;
    if (c > ' ' && c < 127 && (of & (letter | digit)) == 0) of |= punctuation;
    table[c] = static_cast<std::uint8_t>(of);
  }
  return table;
}();

/// The characters that a class letter (either case) stands for; 0: it is no class letter.
constexpr std::array<std::uint8_t, 256> class_letters = [] {
  std::array<std::uint8_t, 256> table{};
  const auto set = [&table](char name, int of) {
    table[static_cast<unsigned char>(name)] = static_cast<std::uint8_t>(of);
    table[static_cast<unsigned char>(name - 'a' + 'A')] = static_cast<std::uint8_t>(of);
  };
  set('a', letter);
  set('c', control);
  set('d', digit);
  set('g', letter | digit | punctuation);
  set('l', lower);
  set('p', punctuation);
  set('s', space);
  set('u', upper);
  set('w', letter | digit);
  set('x', hexadecimal);
  return table;
}();

/// The characters that mean something else than themselves in front of a pattern.
constexpr std::array<bool, 256> specials = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("^$*+?.([%-)")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr unsigned char byte(char c) {
  return static_cast<unsigned char>(c);
}

/// Whether `c` belongs to what "%name" stands for.
inline bool is_in_class(unsigned char c, unsigned char name) {
  const std::uint8_t wanted = class_letters[name];
  if (wanted != 0) return ((classes[c] & wanted) != 0) == ((classes[name] & lower) != 0);
  if (name == 'z' || name == 'Z') return (c == 0) == (name == 'z');  // upstream's old one
  return c == name;
}

/// Whether `c` belongs to the set from '[' at `p` to the ']' at `last`.
inline bool is_in_set(unsigned char c, const char* p, const char* last) {
  bool is_member = true;
  if (p[1] == '^') {
    is_member = false;
    ++p;
  }
  while (++p < last) {
    if (*p == '%') {
      ++p;
      if (is_in_class(c, byte(*p))) return is_member;
    } else if (p[1] == '-' && p + 2 < last) {
      p += 2;
      if (byte(p[-2]) <= c && c <= byte(*p)) return is_member;
    } else if (byte(*p) == c) {
      return is_member;
    }
  }
  return !is_member;
}

// What one step costs: a choice taken back, an attempt begun, so many bytes passed over.
constexpr int bytes_per_step = 16;

int steps_for(const char* from, const char* to) {
  const std::ptrdiff_t steps = (to - from) / bytes_per_step;
  constexpr std::ptrdiff_t most = 1 << 24;
  return static_cast<int>(steps < most ? steps : most);
}

}  // namespace

void PatternMatcher::begin(lua_State* state, std::string_view subject, std::string_view pattern,
                           bool is_anchored, const char* from) {
  state_ = state;
  subject_begin_ = subject.data();
  subject_end_ = subject.data() + subject.size();
  pattern_ = pattern.data();
  pattern_end_ = pattern.data() + pattern.size();
  is_anchored_ = is_anchored;
  begins_literally_ = false;
  if (!is_anchored && !pattern.empty() && !specials[byte(pattern[0])]) {
    const char suffix = pattern.data()[1];  // or the '\0' behind the pattern
    begins_literally_ = suffix != '*' && suffix != '?' && suffix != '-';
  }
  refused_end_ = nullptr;
  begin_again(from);
}

void PatternMatcher::begin_again(const char* from) {
  start_ = from;
  next_subject_ = from;
  next_pattern_ = pattern_;
  is_failing_ = false;
  capture_count_ = 0;
  choice_count_ = 0;
}

std::size_t PatternMatcher::used_bytes() const {
  return static_cast<std::size_t>(reinterpret_cast<const char*>(choices_ + choice_count_) -
                                  reinterpret_cast<const char*>(this));
}

// --- searching ---

/// Moves the start to the next place where the pattern's first character stands. @return whether
/// there is one.
bool PatternMatcher::skip_to_candidate() {
  const auto rest = static_cast<std::size_t>(subject_end_ - start_);
  const void* found = rest == 0 ? nullptr : std::memchr(start_, *pattern_, rest);
  if (found == nullptr) return false;
  const char* const from = start_;
  start_ = static_cast<const char*>(found);
  steps_left_ -= steps_for(from, start_) / bytes_per_step;
  return true;
}

PatternMatcher::Outcome PatternMatcher::search() {
  if (begins_literally_ && next_subject_ == start_ && choice_count_ == 0 && !is_failing_ &&
      next_pattern_ == pattern_) {
    if (!skip_to_candidate()) return Outcome::failed;
    next_subject_ = start_;
  }
  for (;;) {
    const Outcome outcome = attempt(next_subject_, next_pattern_, is_failing_);
    if (outcome == Outcome::spent) return outcome;
    if (outcome == Outcome::matched && end_ != refused_end_) return outcome;
    if (is_anchored_ || start_ >= subject_end_) return Outcome::failed;
    ++start_;
    if (begins_literally_ && !skip_to_candidate()) return Outcome::failed;
    next_subject_ = start_;
    next_pattern_ = pattern_;
    is_failing_ = false;
    capture_count_ = 0;
    choice_count_ = 0;
    if (--steps_left_ < 0) return Outcome::spent;
  }
}

PatternMatcher::Outcome PatternMatcher::stop(const char* s, const char* p, bool is_failing) {
  next_subject_ = s;
  next_pattern_ = p;
  is_failing_ = is_failing;
  return Outcome::spent;
}

inline PatternMatcher::Choice& PatternMatcher::push_choice(Choice::Kind kind) {
  if (choice_count_ >= pattern_choices) luaL_error(state_, "pattern too complex");
  Choice& choice = choices_[choice_count_++];
  choice.kind = kind;
  return choice;
}

/// Matches the pattern from `p` on against the subject from `s` on; or, failing, takes back the
/// last choice first.
PatternMatcher::Outcome PatternMatcher::attempt(const char* s, const char* p, bool is_failing) {
  using Kind = Choice::Kind;
  if (is_failing) goto fail;
  for (;;) {
    if (p == pattern_end_) {
      end_ = s;
      return Outcome::matched;
    }
    switch (*p) {
      case '(': {
        if (capture_count_ >= pattern_captures) luaL_error(state_, "too many captures");
        const bool is_position = p[1] == ')';
        captures_[capture_count_++] = {s, is_position ? position : unfinished};
        // Without an earlier choice nobody will come back to undo it.
        if (choice_count_ > 0) push_choice(Kind::forget_capture);
        p += is_position ? 2 : 1;
        continue;
      }
      case ')': {
        const int closed = capture_to_close();
        captures_[closed].size = s - captures_[closed].begin;
        if (choice_count_ > 0)
          push_choice(Kind::reopen_capture).capture = static_cast<std::uint8_t>(closed);
        ++p;
        continue;
      }
      case '$':
        if (p + 1 != pattern_end_) break;  // an ordinary character
        if (s != subject_end_) goto fail;
        end_ = s;
        return Outcome::matched;
      case '%':
        switch (p[1]) {
          case 'b': {
            const char* const behind = match_balance(s, p + 2);
            steps_left_ -= steps_for(s, behind != nullptr ? behind : subject_end_);
            if (behind == nullptr) goto fail;
            s = behind;
            p += 4;
            continue;
          }
          case 'f':
            p = match_frontier(s, p + 2);
            if (p == nullptr) goto fail;
            continue;
          case '0':
          case '1':
          case '2':
          case '3':
          case '4':
          case '5':
          case '6':
          case '7':
          case '8':
          case '9':
            s = match_back_reference(s, byte(p[1]));
            if (s == nullptr) goto fail;
            p += 2;
            continue;
          default: break;
        }
        break;
      default: break;
    }

    {  // one item and what may stand behind it
      const char* const end = item_end(p);
      switch (*end) {
        case '?':
          if (matches_one(s, p, end)) {
            Choice& choice = push_choice(Kind::other_way);
            choice.subject = s;
            choice.pattern = end + 1;
            ++s;
          }
          p = end + 1;
          continue;
        case '+':
          if (!matches_one(s, p, end)) goto fail;
          ++s;
          [[fallthrough]];
        case '*': {
          const char* const most = take_all(s, p, end);
          if (most != s) {
            Choice& choice = push_choice(Kind::fewer);
            choice.subject = most;
            choice.pattern = end + 1;
            choice.least = s;
            steps_left_ -= steps_for(s, most);
            s = most;
          }
          p = end + 1;
          continue;
        }
        case '-': {
          Choice& choice = push_choice(Kind::more);
          choice.subject = s;
          choice.pattern = end + 1;
          choice.item = p;
          p = end + 1;
          continue;
        }
        default:
          if (!matches_one(s, p, end)) goto fail;
          ++s;
          p = end;
          continue;
      }
    }

  fail:
    for (;;) {
      if (choice_count_ == 0) return Outcome::failed;
      if (--steps_left_ < 0) return stop(s, p, true);
      Choice& choice = choices_[choice_count_ - 1];
      p = choice.pattern;
      if (choice.kind == Kind::fewer) {
        s = --choice.subject;
        if (s == choice.least) --choice_count_;
        break;
      }
      if (choice.kind == Kind::more) {
        // The item ends before its '-', which stands before where the pattern goes on.
        if (!matches_one(choice.subject, choice.item, p - 1)) {
          --choice_count_;
          continue;
        }
        s = ++choice.subject;
        break;
      }
      --choice_count_;
      if (choice.kind == Kind::other_way) {
        s = choice.subject;
        break;
      }
      if (choice.kind == Kind::forget_capture)
        --capture_count_;
      else
        captures_[choice.capture].size = unfinished;
    }
  }
}

// --- single items ---

inline const char* PatternMatcher::item_end(const char* p) const {
  if (*p == '%') {
    if (p + 1 == pattern_end_) luaL_error(state_, "malformed pattern (ends with '%%')");
    return p + 2;
  }
  if (*p != '[') return p + 1;
  ++p;
  if (*p == '^') ++p;
  do {  // a ']' in the first place is an ordinary character
    if (p == pattern_end_) luaL_error(state_, "malformed pattern (missing ']')");
    if (*p++ == '%' && p < pattern_end_) ++p;
  } while (*p != ']');
  return p + 1;
}

inline bool PatternMatcher::matches_one(const char* s, const char* p, const char* end) const {
  if (s >= subject_end_) return false;
  switch (*p) {
    case '.': return true;
    case '%': return is_in_class(byte(*s), byte(p[1]));
    case '[': return is_in_set(byte(*s), p, end - 1);
    default: return *s == *p;
  }
}

/// Where the longest run of the item at `p` that begins at `s` ends.
inline const char* PatternMatcher::take_all(const char* s, const char* p, const char* end) const {
  switch (*p) {
    case '.': return subject_end_;
    case '%': {
      const unsigned char name = byte(p[1]);
      const std::uint8_t wanted = class_letters[name];
      if (wanted == 0) {
        while (s < subject_end_ && is_in_class(byte(*s), name)) ++s;
      } else if ((classes[name] & lower) != 0) {
        while (s < subject_end_ && (classes[byte(*s)] & wanted) != 0) ++s;
      } else {
        while (s < subject_end_ && (classes[byte(*s)] & wanted) == 0) ++s;
      }
      return s;
    }
    case '[':
      while (s < subject_end_ && is_in_set(byte(*s), p, end - 1)) ++s;
      return s;
    default:
      while (s < subject_end_ && *s == *p) ++s;
      return s;
  }
}

/// "%bxy", its two characters at `p`. @return where it ends, or null.
const char* PatternMatcher::match_balance(const char* s, const char* p) const {
  if (p >= pattern_end_ - 1) luaL_error(state_, "malformed pattern (missing arguments to '%%b')");
  if (*s != *p || s >= subject_end_) return nullptr;
  const char opens = p[0];
  const char closes = p[1];
  std::size_t depth = 1;
  while (++s < subject_end_) {
    if (*s == closes) {
      if (--depth == 0) return s + 1;
    } else if (*s == opens) {
      ++depth;
    }
  }
  return nullptr;
}

/// "%f[set]", the set at `p`. @return where the pattern goes on, or null.
const char* PatternMatcher::match_frontier(const char* s, const char* p) const {
  if (*p != '[') luaL_error(state_, "missing '[' after '%%f' in pattern");
  const char* const end = item_end(p);
  const unsigned char before = s == subject_begin_ ? '\0' : byte(s[-1]);
  const bool is_frontier = !is_in_set(before, p, end - 1) && is_in_set(byte(*s), p, end - 1);
  return is_frontier ? end : nullptr;
}

const char* PatternMatcher::match_back_reference(const char* s, unsigned char digit_name) const {
  const int index = digit_name - '1';
  if (index < 0 || index >= capture_count_ || captures_[index].size == unfinished) {
    luaL_error(state_, "invalid capture index %%%d", index + 1);
  }
  const Capture& wanted = captures_[index];
  // Upstream compares with the marker of a position capture as a size, which no rest can have.
  if (wanted.size < 0 || subject_end_ - s < wanted.size) return nullptr;
  const auto size = static_cast<std::size_t>(wanted.size);
  return std::memcmp(wanted.begin, s, size) == 0 ? s + size : nullptr;
}

int PatternMatcher::capture_to_close() const {
  for (int index = capture_count_ - 1; index >= 0; --index) {
    if (captures_[index].size == unfinished) return index;
  }
  return luaL_error(state_, "invalid pattern capture");
}

// --- results ---

std::string_view PatternMatcher::capture(int index, bool& is_pushed) const {
  is_pushed = false;
  if (index >= capture_count_) {
    if (index != 0) luaL_error(state_, "invalid capture index %%%d", index + 1);
    return {start_, static_cast<std::size_t>(end_ - start_)};
  }
  const Capture& wanted = captures_[index];
  if (wanted.size == unfinished) luaL_error(state_, "unfinished capture");
  if (wanted.size == position) {
    is_pushed = true;
    lua_pushinteger(state_, wanted.begin - subject_begin_ + 1);
    return {};
  }
  return {wanted.begin, static_cast<std::size_t>(wanted.size)};
}

void PatternMatcher::push_capture(int index) const {
  bool is_pushed = false;
  const std::string_view text = capture(index, is_pushed);
  if (!is_pushed) lua_pushlstring(state_, text.data(), text.size());
}

int PatternMatcher::push_captures(bool whole_match) const {
  const int count = capture_count_ == 0 && whole_match ? 1 : capture_count_;
  luaL_checkstack(state_, count, "too many captures");
  for (int index = 0; index < count; ++index) push_capture(index);
  return count;
}

}  // namespace moonwire::bindings::base
