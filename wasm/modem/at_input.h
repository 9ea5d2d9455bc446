// What the script wrote to uart.ATC and the modem has not worked on yet: command lines, and after a
// prompt raw bytes. Bounded: no more is taken than can be kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace moonwire::modem {

class AtInput final {
 public:
  /// How many bytes were taken.
  std::size_t write(std::string_view bytes);
  /// The next command line without its end, leading spaces and line feeds; nothing when none is
  /// complete. One longer than at_command_bytes comes cut and counts as no command.
  struct Line {
    std::string text;
    bool is_too_long = false;
  };
  std::optional<Line> take_line();
  /// Up to `count` bytes as they are; nothing when there are none.
  std::optional<std::string> take_some(std::size_t count);
  void clear();

 private:
  void drop(std::size_t count);
  std::string_view rest() const { return std::string_view(bytes_).substr(front_); }

  std::string bytes_;
  std::size_t front_ = 0;
  bool skipping_line_ = false;  // the rest of a line that was too long
};

}  // namespace moonwire::modem
