// spdlog's pattern for text, a formatter of ours for JSON.
#include "proxy/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace moonwire::proxy {
namespace {

constexpr const char* time_pattern = "%Y-%m-%dT%H:%M:%S.%e%z";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}

/// Where the next " name=" begins, from `from` on; npos if there is none.
std::size_t find_name(std::string_view text, std::size_t from) {
  for (std::size_t space = text.find(' ', from); space != text.npos;
       space = text.find(' ', space + 1)) {
    std::size_t end = space + 1;
    while (end < text.size() && is_name_character(text[end])) ++end;
    if (end > space + 1 && end < text.size() && text[end] == '=') return space;
  }
  return text.npos;
}

std::string_view without_quotes(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    return value.substr(1, value.size() - 2);
  return value;
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
    spdlog::memory_buf_t time;
    time_.format(message, time);
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string line = json_line({time.data(), time.size()}, {level.data(), level.size()},
                                       {message.payload.data(), message.payload.size()}) +
                             "\n";
    to.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }

 private:
  spdlog::pattern_formatter time_{time_pattern, spdlog::pattern_time_type::local, ""};
};

}  // namespace

std::string json_line(std::string_view time, std::string_view level, std::string_view message) {
  nlohmann::ordered_json line{{"time", time}, {"level", level}};
  std::size_t at = find_name(message, 0);
  line["event"] = message.substr(0, at);
  while (at != message.npos) {
    const std::size_t equals = message.find('=', at);
    const std::size_t next = find_name(message, equals);
    const std::string name{message.substr(at + 1, equals - at - 1)};
    const std::string_view value =
        without_quotes(message.substr(equals + 1, next == message.npos ? next : next - equals - 1));
    if (!line.contains(name)) line[name] = value;
    at = next;
  }
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void set_up_log(const std::string& level, LogFormat format) {
  spdlog::set_default_logger(spdlog::stderr_logger_st("proxy"));
  if (format == LogFormat::json) {
    spdlog::set_formatter(std::make_unique<JsonFormatter>());
  } else {
    spdlog::set_pattern(std::string{time_pattern} + " %l %v");
  }
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace moonwire::proxy
