// What is asked of every way: the same work, whatever carries it. Each piece of work prints its
// figures, a name and a number a line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "load/way.h"

namespace moonwire::load {

struct Figure {
  std::string name;
  double value = 0;
};

struct Task {
  Loop& loop;
  Way& way;
  std::span<const pid_t> programs;  ///< whose cost is told
  std::size_t amount = 0;           ///< bytes, round trips, streams, milliseconds or seconds
  std::function<std::unique_ptr<Way>()> another_way;  ///< a tab more
};

/// The figures, or none if the way broke.
using Work = std::vector<Figure> (*)(const Task& task);

/// The work of that name; null if there is none.
Work find_work(std::string_view name);

}  // namespace moonwire::load
