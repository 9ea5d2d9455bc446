// The civil calendar by Euclidean arithmetic on years that begin in March, so that the leap day is
// the last of its year.
#include "bindings/base/calendar.h"

#include <climits>
#include <cstdio>
#include <string_view>

namespace moonwire::bindings::base {
namespace {

constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t days_per_era = 146'097;   // 400 years
constexpr std::int64_t days_to_epoch = 719'468;  // 0000-03-01 to 1970-01-01

constexpr std::string_view day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
constexpr std::string_view month_names[] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return quotient - (value % by < 0 ? 1 : 0);
}

constexpr bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days from 1970-01-01 to the first of a month (1..12).
std::int64_t days_to_month(std::int64_t year, std::int64_t month) {
  const std::int64_t march_year = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divide(march_year, 400);
  const std::int64_t year_of_era = march_year - era * 400;
  const std::int64_t month_from_march = (month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5;
  return era * days_per_era + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
         day_of_year - days_to_epoch;
}

/// ISO 8601: the week that holds the year's first Thursday is week 1.
struct IsoWeek {
  std::int64_t year;
  int week;
};

IsoWeek iso_week(const CalendarTime& time) {
  const int day_from_monday = (time.day_of_week + 6) % 7;
  const int thursday = time.day_of_year - 1 - day_from_monday + 3;  // of this week, from 0
  const int days = is_leap(time.year) ? 366 : 365;
  if (thursday < 0) {
    const int before = is_leap(time.year - 1) ? 366 : 365;
    return {time.year - 1, (thursday + before) / 7 + 1};
  }
  if (thursday >= days) return {time.year + 1, 1};
  return {time.year, thursday / 7 + 1};
}

int hour_of_twelve(std::int64_t hour) {
  const int rest = static_cast<int>(hour % 12);
  return rest == 0 ? 12 : rest;
}

}  // namespace

std::int64_t seconds_of(const CalendarTime& time) {
  const std::int64_t months = time.month - 1;
  const std::int64_t year = time.year + floor_divide(months, 12);
  const std::int64_t month = months - floor_divide(months, 12) * 12 + 1;
  const std::int64_t days = days_to_month(year, month) + time.day - 1;
  return days * seconds_per_day + time.hour * 3600 + time.minute * 60 + time.second;
}

std::optional<CalendarTime> calendar_time(std::int64_t seconds) {
  const std::int64_t days = floor_divide(seconds, seconds_per_day);
  const std::int64_t rest = seconds - days * seconds_per_day;
  const std::int64_t shifted = days + days_to_epoch;
  const std::int64_t era = floor_divide(shifted, days_per_era);
  const std::int64_t day_of_era = shifted - era * days_per_era;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;

  CalendarTime time;
  time.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  time.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
  if (time.year - 1900 > INT_MAX || time.year - 1900 < INT_MIN) return std::nullopt;
  time.hour = rest / 3600;
  time.minute = rest / 60 % 60;
  time.second = rest % 60;
  constexpr int epoch_day_of_week = 4;  // a Thursday
  time.day_of_week = static_cast<int>(((days + epoch_day_of_week) % 7 + 7) % 7);
  time.day_of_year = static_cast<int>(days - days_to_month(time.year, 1)) + 1;
  return time;
}

std::size_t format_conversion(const CalendarTime& time, char conversion, const char* zone,
                              char* into) {
  const auto print = [into](const char* format, auto... values) {
    const int count = std::snprintf(into, longest_conversion, format, values...);
    return count > 0 ? static_cast<std::size_t>(count) : std::size_t{0};
  };
  const auto again = [&](std::string_view conversions, char between) {
    std::size_t count = 0;
    for (const char each : conversions) {
      if (count != 0) into[count++] = between;
      count += format_conversion(time, each, zone, into + count);
    }
    return count;
  };
  const auto text = [&](std::string_view word) { return word.copy(into, longest_conversion); };
  const auto number = [&](const char* format, std::int64_t value) {
    return print(format, static_cast<long long>(value));
  };
  const std::string_view day_name = day_names[time.day_of_week];
  const std::string_view month_name = month_names[time.month - 1];
  constexpr std::size_t short_name = 3;

  switch (conversion) {
    case 'a': return text(day_name.substr(0, short_name));
    case 'A': return text(day_name);
    case 'b':
    case 'h': return text(month_name.substr(0, short_name));
    case 'B': return text(month_name);
    case 'c': return again("abeTY", ' ');
    case 'C': return number("%lld", floor_divide(time.year, 100));
    case 'd': return number("%02lld", time.day);
    case 'x':
    case 'D': return again("mdy", '/');
    case 'e': return number("%2lld", time.day);
    case 'F': return again("Ymd", '-');
    case 'g': return number("%02lld", ((iso_week(time).year % 100) + 100) % 100);
    case 'G': return number("%lld", iso_week(time).year);
    case 'H': return number("%02lld", time.hour);
    case 'I': return number("%02lld", hour_of_twelve(time.hour));
    case 'j': return number("%03lld", time.day_of_year);
    case 'm': return number("%02lld", time.month);
    case 'M': return number("%02lld", time.minute);
    case 'n': return text("\n");
    case 'p': return text(time.hour < 12 ? "AM" : "PM");
    case 'r':
      return print("%02d:%02d:%02d %s", hour_of_twelve(time.hour), static_cast<int>(time.minute),
                   static_cast<int>(time.second), time.hour < 12 ? "AM" : "PM");
    case 'R': return again("HM", ':');
    case 'S': return number("%02lld", time.second);
    case 't': return text("\t");
    case 'X':
    case 'T': return again("HMS", ':');
    case 'u': return number("%lld", time.day_of_week == 0 ? 7 : time.day_of_week);
    case 'U': return number("%02lld", (time.day_of_year - 1 + 7 - time.day_of_week) / 7);
    case 'V': return number("%02lld", iso_week(time).week);
    case 'w': return number("%lld", time.day_of_week);
    case 'W': return number("%02lld", (time.day_of_year - 1 + 7 - (time.day_of_week + 6) % 7) / 7);
    case 'y': return number("%02lld", ((time.year % 100) + 100) % 100);
    case 'Y': return number("%lld", time.year);
    case 'z': return text("+0000");
    case 'Z': return text(zone);
    case '%': return text("%");
    default: return 0;
  }
}

}  // namespace moonwire::bindings::base
