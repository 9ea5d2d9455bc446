// One AT command line as a value: head, kind, parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moonwire::modem {

struct AtCommand {
  enum class Kind : std::uint8_t { execute, query, test, set };  // AT+X  AT+X?  AT+X=?  AT+X=...

  std::string head;  // "+CSQ", "*BAND", "E", "" for a bare AT; upper case
  Kind kind = Kind::execute;
  std::vector<std::string> parameters;  // without their quotes

  /// Parameter `index` as a number without sign; nothing when it is absent or none.
  std::optional<std::uint32_t> number(std::size_t index) const;
  /// Parameter `index`, or "" when it is absent.
  std::string_view text(std::size_t index) const;
};

/// Nothing when the line is no AT command, or one with more than at_parameters_max parameters.
std::optional<AtCommand> parse_command(std::string_view line);

}  // namespace moonwire::modem
