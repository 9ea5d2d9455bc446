// A search may stop after any number of steps, be moved, and finds the same.
#include "bindings/base/pattern.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace moonwire::bindings::base {
namespace {

using Outcome = PatternMatcher::Outcome;

/// Where all matches begin and end, with so many steps at a time.
std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> matches(const std::string& subject,
                                                               const std::string& pattern,
                                                               int steps) {
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> all;
  auto matcher = std::make_unique<PatternMatcher>();
  matcher->begin(nullptr, subject, pattern, false, subject.data());
  for (;;) {
    matcher->grant(steps);
    const Outcome outcome = matcher->search();
    if (outcome == Outcome::failed) return all;
    if (outcome == Outcome::spent) {  // somewhere else, with only what counts
      auto moved = std::make_unique<PatternMatcher>();
      std::memcpy(static_cast<void*>(moved.get()), matcher.get(), matcher->used_bytes());
      matcher = std::move(moved);
      continue;
    }
    all.emplace_back(matcher->match_begin() - subject.data(),
                     matcher->match_end() - subject.data());
    const char* const end = matcher->match_end();
    matcher->begin_again(end);
    matcher->refuse_end(end);
  }
}

TEST(Pattern, StoppingAnywhereChangesNothing) {
  const std::string subjects[] = {"",           "aaaa",       "key = value; k2=v2",
                                  "(a(b)c)(d)", "xaxbxc aab", "one two  three"};
  const std::string patterns[] = {
      "a",  "%a+",     "(%w+)%s*=%s*(%w+)", "%b()", ".-b", "(.)%1", "%f[%w]%w+", "a*a?a-a",
      "()", "[^x]*x?", "(a*(.)%w(%s*))",    "o.-t", "x.*", "e",     "ee"};
  for (const std::string& subject : subjects) {
    for (const std::string& pattern : patterns) {
      const auto whole = matches(subject, pattern, 1'000'000);
      for (const int steps : {1, 2, 3, 7})
        EXPECT_EQ(matches(subject, pattern, steps), whole) << pattern << " in " << subject;
    }
  }
}

TEST(Pattern, APathologicalPatternStopsWhenItsStepsAreSpent) {
  const std::string subject(30, 'a');
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "a?";
  pattern += subject;
  PatternMatcher matcher;
  matcher.begin(nullptr, subject, pattern, false, subject.data());
  for (int i = 0; i < 1000; ++i) {
    matcher.grant(1000);
    ASSERT_EQ(matcher.search(), Outcome::spent);
  }
}

}  // namespace
}  // namespace moonwire::bindings::base
