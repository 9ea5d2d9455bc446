// Cuts what the script writes into lines and raw blocks.
#include "modem/at_input.h"

#include <algorithm>
#include <utility>

#include "modem/limits.h"

namespace moonwire::modem {

std::size_t AtInput::write(std::string_view bytes) {
  const std::size_t count = std::min(bytes.size(), at_input_bytes - rest().size());
  bytes_.append(bytes.substr(0, count));
  return count;
}

std::optional<AtInput::Line> AtInput::take_line() {
  while (true) {
    if (!skipping_line_) {
      const std::size_t start = std::min(rest().find_first_not_of(" \r\n"), rest().size());
      drop(start);
    }
    // A lone \n ends a line, too: some scripts end theirs like that.
    const std::size_t end = rest().find_first_of("\r\n");
    if (end == std::string_view::npos) {
      if (skipping_line_) {
        drop(rest().size());
        return std::nullopt;
      }
      if (rest().size() <= at_command_bytes) return std::nullopt;
      Line line{std::string(rest().substr(0, at_command_bytes)), true};
      skipping_line_ = true;
      drop(rest().size());
      return line;
    }
    if (skipping_line_) {
      skipping_line_ = false;
      drop(end + 1);
      continue;
    }
    Line line{std::string(rest().substr(0, std::min(end, at_command_bytes))),
              end > at_command_bytes};
    drop(end + 1);
    return line;
  }
}

std::optional<std::string> AtInput::take_some(std::size_t count) {
  if (rest().empty()) return std::nullopt;
  std::string bytes(rest().substr(0, count));
  drop(bytes.size());
  return bytes;
}

void AtInput::clear() {
  bytes_.clear();
  front_ = 0;
  skipping_line_ = false;
}

void AtInput::drop(std::size_t count) {
  front_ += count;
  if (front_ < bytes_.size() && front_ <= at_input_bytes) return;
  bytes_.erase(0, std::exchange(front_, 0));
}

}  // namespace moonwire::modem
