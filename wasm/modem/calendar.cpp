// Days to dates and back, after Howard Hinnant's civil_from_days; and AT+CCLK's text.
#include "modem/calendar.h"

#include <charconv>
#include <cstdio>

namespace moonwire::modem {
namespace {

constexpr std::int64_t day_seconds = 86'400;

std::int64_t days_of(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

std::optional<int> two_digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.size() != 2 || error != std::errc{} || end != text.data() + 2 || value < 0) {
    return std::nullopt;
  }
  return value;
}

bool is_date(const Calendar& date) {
  return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31 &&
         date.hour <= 23 && date.minute <= 59 && date.second <= 59;
}

}  // namespace

Calendar calendar_of(std::int64_t seconds_since_1970) {
  std::int64_t days = seconds_since_1970 / day_seconds;
  std::int64_t rest = seconds_since_1970 % day_seconds;
  if (rest < 0) {
    rest += day_seconds;
    --days;
  }
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t of_era = days - era * 146'097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;
  Calendar date;
  date.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
  date.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  date.year = static_cast<int>(year + era * 400 + (date.month <= 2 ? 1 : 0));
  date.hour = static_cast<int>(rest / 3600);
  date.minute = static_cast<int>(rest / 60 % 60);
  date.second = static_cast<int>(rest % 60);
  return date;
}

std::int64_t seconds_of(const Calendar& calendar) {
  return days_of(calendar.year, calendar.month, calendar.day) * day_seconds + calendar.hour * 3600 +
         calendar.minute * 60 + calendar.second;
}

std::string cclk_text(const Calendar& calendar) {
  char text[80];
  std::snprintf(text, sizeof text, "%02d/%02d/%02d,%02d:%02d:%02d", calendar.year % 100,
                calendar.month, calendar.day, calendar.hour, calendar.minute, calendar.second);
  return text;
}

std::optional<std::int64_t> parse_cclk(std::string_view text) {
  static constexpr std::string_view separators = "//,::";
  Calendar date;
  int* const fields[] = {&date.year, &date.month,  &date.day,
                         &date.hour, &date.minute, &date.second};
  if (text.size() < 17) return std::nullopt;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::optional<int> value = two_digits(text.substr(i * 3, 2));
    if (!value || (i < 5 && text[i * 3 + 2] != separators[i])) return std::nullopt;
    *fields[i] = *value;
  }
  date.year += 2000;
  if (!is_date(date)) return std::nullopt;
  std::int64_t quarters = china_seconds / 900;
  const std::string_view zone = text.substr(17);
  if (!zone.empty()) {
    const std::optional<int> value = two_digits(zone.substr(1));
    if (!value || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
    quarters = zone[0] == '-' ? -*value : *value;
  }
  return seconds_of(date) - quarters * 900;
}

}  // namespace moonwire::modem
