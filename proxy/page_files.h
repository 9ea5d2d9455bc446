// The page's files: a request path to a response. Compressed forms that lie beside a file (.br,
// .gz) are served where the client takes them; nothing outside the folder is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/response.h"

namespace moonwire::proxy {

struct FileRequest {
  std::string_view target;  ///< path and query, as they came
  std::string_view accept_encoding;
  std::string_view if_none_match;
};

class PageFiles {
 public:
  PageFiles() = default;
  /// An empty path: no page, every request is a 404 that says so.
  PageFiles(std::filesystem::path folder, std::size_t largest_file);

  Response get(const FileRequest& request) const;

 private:
  std::filesystem::path folder_;
  std::size_t largest_file_ = 0;
};

/// %41 becomes A. Nothing: not well formed, or a NUL.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace moonwire::proxy
