// Dates of the proleptic Gregorian calendar in UTC, and strftime's conversions in the C locale. Our
// own, because the C library's ask the host for its time zone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace moonwire::bindings::base {

struct CalendarTime {
  std::int64_t year = 1970;
  std::int64_t month = 1;  // 1..12 when normal
  std::int64_t day = 1;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  int day_of_week = 4;  // Sunday is 0
  int day_of_year = 1;  // 1..366
};

/// Seconds since 1970-01-01T00:00:00Z; fields may be out of their usual ranges (within 32 bits).
std::int64_t seconds_of(const CalendarTime& time);

/// The date of a moment; nothing when its year does not fit C's struct tm.
std::optional<CalendarTime> calendar_time(std::int64_t seconds);

/// Bytes that one conversion writes at most.
inline constexpr std::size_t longest_conversion = 250;

/// Writes what strftime writes for '%' and `conversion`. @return the number of bytes.
std::size_t format_conversion(const CalendarTime& time, char conversion, const char* zone,
                              char* into);

}  // namespace moonwire::bindings::base
