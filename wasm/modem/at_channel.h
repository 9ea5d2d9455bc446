// uart.ATC towards the script: replies at once, notices only between commands, and a receive buffer
// that is never overrun: what finds no room waits as whole lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "modem/at_trace.h"
#include "modem/board.h"

namespace moonwire::modem {

class AtChannel final {
 public:
  AtChannel(Board& board, AtTrace& trace) : board_(board), trace_(trace) {}

  /// From here to end_command() notices wait, so that none stands between a command and its reply.
  void begin_command() { at_command_ = true; }
  void end_command();

  /// A line of the reply; the line end is added.
  void reply(std::string_view line);
  /// "> ", without a line end.
  void prompt();
  /// A line that nobody asked for. When too many wait, the oldest of them is dropped and counted.
  void notice(std::string_view line);
  /// A header line and the bytes it announces, never torn apart by another line. Only while
  /// has_room_for() them.
  void data(std::string_view header, std::string_view bytes);

  /// No line waits, and no command is at work.
  bool is_quiet() const { return !at_command_ && is_clear(); }
  /// All replies are where the script can read them.
  bool is_clear() const { return replies_.empty() && notices_.empty(); }
  bool has_room_for(std::size_t bytes) const;

  std::string read(std::size_t most);
  std::string read_line();
  std::size_t readable() const { return buffer_.size() - front_; }
  std::uint64_t notices_lost() const { return notices_lost_; }
  /// Power went: forgets all that waits.
  void clear();

 private:
  void push(std::deque<std::string>& queue, std::string block);
  void settle();  // moves what waits into the buffer, as far as it goes
  void deliver(std::string_view block);

  Board& board_;
  AtTrace& trace_;
  bool at_command_ = false;
  std::string buffer_;
  std::size_t front_ = 0;  // of buffer_: what the script has read already
  std::deque<std::string> replies_;
  std::deque<std::string> notices_;
  std::uint64_t notices_lost_ = 0;
};

}  // namespace moonwire::modem
