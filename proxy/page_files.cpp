// Paths, types, tags.
#include "proxy/page_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

namespace moonwire::proxy {
namespace {

namespace fs = std::filesystem;

struct TypeOf {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array types{
    TypeOf{".html", "text/html; charset=utf-8"},
    TypeOf{".js", "text/javascript; charset=utf-8"},
    TypeOf{".mjs", "text/javascript; charset=utf-8"},
    TypeOf{".css", "text/css; charset=utf-8"},
    TypeOf{".json", "application/json; charset=utf-8"},
    TypeOf{".map", "application/json; charset=utf-8"},
    TypeOf{".lua", "text/x-lua; charset=utf-8"},
    TypeOf{".txt", "text/plain; charset=utf-8"},
    TypeOf{".md", "text/markdown; charset=utf-8"},
    TypeOf{".wasm", "application/wasm"},
    TypeOf{".svg", "image/svg+xml"},
    TypeOf{".png", "image/png"},
    TypeOf{".ico", "image/x-icon"},
    TypeOf{".woff2", "font/woff2"},
    TypeOf{".webmanifest", "application/manifest+json"},
};

std::string_view type_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  const auto* found = std::ranges::find(types, std::string_view{extension}, &TypeOf::extension);
  return found == types.end() ? "application/octet-stream" : found->type;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// Whether a list of codings takes this one: present and not with q=0.
bool takes(std::string_view accepted, std::string_view coding) {
  while (!accepted.empty()) {
    const std::size_t comma = accepted.find(',');
    std::string_view one = accepted.substr(0, comma);
    accepted = comma == accepted.npos ? std::string_view{} : accepted.substr(comma + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    const std::string_view name = one.substr(0, one.find_first_of("; "));
    if (name != coding) continue;
    const std::size_t quality = one.find("q=");
    return quality == one.npos ||
           one.substr(quality + 2).find_first_not_of("0.") != std::string_view::npos;
  }
  return false;
}

/// Every part of the path is an ordinary name: no empty, no dot-dot, no hidden file, no backslash.
bool is_plain_path(const std::string& path) {
  if (path.empty() || path.front() != '/' || path.find('\\') != path.npos) return false;
  const fs::path relative = fs::path{path}.relative_path();
  return std::ranges::all_of(relative, [](const fs::path& part) {
    const std::string name = part.string();
    return name.empty() || name.front() != '.';
  });
}

bool is_within(const fs::path& folder, const fs::path& file) {
  const auto [end, ignored] = std::ranges::mismatch(folder, file);
  return end == folder.end();
}

std::optional<std::string> read_file(const fs::path& path, std::size_t most) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size > most) return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return bytes;
}

std::string tag_of(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  const auto when = fs::last_write_time(path, error).time_since_epoch().count();
  return "\"" + std::to_string(size) + "-" + std::to_string(when) + "\"";
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != if_none_match.npos;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return out;
}

PageFiles::PageFiles(fs::path folder, std::size_t largest_file) : largest_file_{largest_file} {
  if (!folder.empty()) folder_ = fs::canonical(folder);
}

Response PageFiles::get(const FileRequest& request) const {
  const std::string shown{request.target.substr(0, 200)};
  if (folder_.empty())
    return text_response(404, "this proxy serves no page (--page DIR), so there is no " + shown);
  auto path = percent_decoded(request.target.substr(0, request.target.find_first_of("?#")));
  if (!path || !is_plain_path(*path)) return text_response(400, "not a path of the page: " + shown);
  if (path->ends_with('/')) *path += "index.html";
  std::error_code error;
  const fs::path file = fs::canonical(folder_ / fs::path{*path}.relative_path(), error);
  if (error || !is_within(folder_, file) || !fs::is_regular_file(file, error)) {
    return text_response(404, "the page has no file " + shown);
  }
  fs::path served = file;
  std::string_view coding;
  for (const auto& [extension, name] : {std::pair{".br", "br"}, std::pair{".gz", "gzip"}}) {
    fs::path beside = file;
    beside += extension;
    if (!takes(request.accept_encoding, name) || !fs::is_regular_file(beside, error)) continue;
    served = beside;
    coding = name;
    break;
  }
  const std::string tag = tag_of(served);
  const bool is_hashed = path->find("/assets/") != path->npos;
  Response response;
  response.headers = {
      {"Content-Type", std::string{type_of(file)}},
      {"ETag", tag},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", is_hashed ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (!coding.empty()) response.headers.emplace_back("Content-Encoding", coding);
  if (names_tag(request.if_none_match, tag)) {
    response.status = 304;
    return response;
  }
  auto bytes = read_file(served, largest_file_);
  if (!bytes) return text_response(500, "the file of " + shown + " cannot be read or is too large");
  response.body = std::move(*bytes);
  return response;
}

}  // namespace moonwire::proxy
