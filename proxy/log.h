// The log on standard error: a line an event, as text for people or as JSON for machines.
#pragma once

#include <string>
#include <string_view>

namespace moonwire::proxy {

enum class LogFormat { text, json };

/// Sets the process's logger.
void set_up_log(const std::string& level, LogFormat format);

/// One line as JSON, without its end: "session open peer=1.2.3.4:5 wisp=2" has the members event,
/// peer and wisp. A value reaches to the next ` name=`; of two with one name the first counts.
std::string json_line(std::string_view time, std::string_view level, std::string_view message);

}  // namespace moonwire::proxy
