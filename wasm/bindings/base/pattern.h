// Lua's patterns, matched with a stack of choices of our own instead of recursion in C, so that a
// search can stop after so many steps, be kept, and go on later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

struct lua_State;

namespace moonwire::bindings::base {

/// Upstream's bound on nested choices ("pattern too complex" beyond) and on captures.
inline constexpr int pattern_choices = 199;
inline constexpr int pattern_captures = 32;

/// One search of a pattern in a subject. Trivially copyable: a search that has stopped may be moved
/// to another place, as long as subject and pattern stay where they are. Errors of the pattern are
/// raised in Lua, when the search comes to them, in upstream's words.
class PatternMatcher {
 public:
  enum class Outcome : std::uint8_t {
    matched,
    failed,
    spent,  // the steps are used up: grant() more, and search() again to go on
  };

  struct Capture {
    const char* begin;
    std::ptrdiff_t size;  // or one of the two below
  };
  static constexpr std::ptrdiff_t unfinished = -1;
  static constexpr std::ptrdiff_t position = -2;

  /// `pattern` without its anchor. A match must begin at `from` when it is anchored.
  void begin(lua_State* state, std::string_view subject, std::string_view pattern, bool is_anchored,
             const char* from);
  /// Begins again behind the last match.
  void begin_again(const char* from);
  /// A match that ends there is passed over.
  void refuse_end(const char* end) { refused_end_ = end; }

  /// Looks for the next match.
  Outcome search();
  void grant(int steps) { steps_left_ = steps; }
  int steps_left() const { return steps_left_; }

  void set_state(lua_State* state) { state_ = state; }
  const char* match_begin() const { return start_; }
  const char* match_end() const { return end_; }
  const char* subject_begin() const { return subject_begin_; }
  const char* subject_end() const { return subject_end_; }

  /// Text of a capture; 0 without captures is the whole match. For a position capture, pushes the
  /// number and answers `is_pushed`.
  std::string_view capture(int index, bool& is_pushed) const;
  /// Pushes it.
  void push_capture(int index) const;
  /// Pushes all, or, when there are none and `whole_match`, the whole match. @return how many.
  int push_captures(bool whole_match) const;

  /// How many of the object's bytes mean something: what a copy has to take.
  std::size_t used_bytes() const;

 private:
  struct Choice {
    enum class Kind : std::uint8_t {
      other_way,       // go on at `pattern` with `subject`
      fewer,           // a repetition may give back down to `least`; then go on at `pattern`
      more,            // a repetition may take one more of the item at `item`; then at `pattern`
      forget_capture,  // undo the opening of the last capture
      reopen_capture,  // undo the closing of capture `capture`
    };
    Kind kind;
    std::uint8_t capture;
    const char* subject;
    const char* pattern;
    union {
      const char* least;
      const char* item;
    };
  };

  Outcome attempt(const char* s, const char* p, bool is_failing);
  Outcome stop(const char* s, const char* p, bool is_failing);
  Choice& push_choice(Choice::Kind kind);
  const char* item_end(const char* p) const;
  bool matches_one(const char* s, const char* p, const char* end) const;
  const char* take_all(const char* s, const char* p, const char* end) const;
  const char* match_balance(const char* s, const char* p) const;
  const char* match_frontier(const char* s, const char* p) const;
  const char* match_back_reference(const char* s, unsigned char digit) const;
  int capture_to_close() const;
  bool skip_to_candidate();

  lua_State* state_;
  const char* subject_begin_;
  const char* subject_end_;
  const char* pattern_;
  const char* pattern_end_;
  const char* start_;         // where the attempt at hand begins
  const char* end_;           // of the match
  const char* refused_end_;   // or null
  const char* next_subject_;  // where a stopped attempt goes on
  const char* next_pattern_;
  int steps_left_;
  std::uint8_t capture_count_;
  bool is_anchored_;
  bool is_failing_;        // a stopped attempt goes on by backing out of its last choice
  bool begins_literally_;  // the pattern's first item is one plain character
  std::uint16_t choice_count_;
  Capture captures_[pattern_captures];
  Choice choices_[pattern_choices];  // last: copied only as far as used
};

}  // namespace moonwire::bindings::base
