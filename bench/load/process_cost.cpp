// Linux's /proc. schedstat counts nanoseconds where stat counts hundredths of a second.
#include "load/process_cost.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace moonwire::load {
namespace {

std::vector<pid_t> children_of(pid_t program) {
  const std::string self = std::to_string(program);
  std::ifstream list{"/proc/" + self + "/task/" + self + "/children"};
  std::vector<pid_t> found;
  for (pid_t child = 0; list >> child;) found.push_back(child);
  return found;
}

}  // namespace

double cpu_seconds(std::span<const pid_t> programs) {
  double sum = 0;
  for (const pid_t program : programs) {
    std::error_code gone;
    for (const auto& task :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(program) + "/task", gone}) {
      double nanoseconds = 0;
      std::ifstream{task.path() / "schedstat"} >> nanoseconds;
      sum += nanoseconds / 1e9;
    }
    sum += cpu_seconds(children_of(program));
  }
  return sum;
}

double resident_kib(std::span<const pid_t> programs) {
  double sum = 0;
  for (const pid_t program : programs) {
    std::ifstream status{"/proc/" + std::to_string(program) + "/status"};
    for (std::string word; status >> word;) {
      if (word != "VmRSS:") continue;
      double kib = 0;
      status >> kib;
      sum += kib;
      break;
    }
    sum += resident_kib(children_of(program));
  }
  return sum;
}

}  // namespace moonwire::load
