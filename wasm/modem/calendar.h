// Dates as AT commands write them. The module's zone is China's, all year round.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moonwire::modem {

inline constexpr std::int64_t china_seconds = 8 * 3600;

struct Calendar {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

Calendar calendar_of(std::int64_t seconds_since_1970);
std::int64_t seconds_of(const Calendar& calendar);
/// "21/05/24,19:10:09"
std::string cclk_text(const Calendar& calendar);
/// "21/05/24,19:10:09+32": seconds since 1970, UTC. Nothing when it is no date; without a zone,
/// China's.
std::optional<std::int64_t> parse_cclk(std::string_view text);

}  // namespace moonwire::modem
