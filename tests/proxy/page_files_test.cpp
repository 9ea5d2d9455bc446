// Paths to files, and no way out of the folder.
#include "proxy/page_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace moonwire::proxy {
namespace {

namespace fs = std::filesystem;

class PageFilesTest : public ::testing::Test {
 protected:
  PageFilesTest()
      : folder_{fs::temp_directory_path() / ("moonwire-page-" + std::to_string(::getpid()))} {
    fs::create_directories(folder_ / "page/assets");
    write("secret.txt", "secret");
    write("page/index.html", "<p>page");
    write("page/.hidden", "hidden");
    write("page/assets/a-1234.js", "let a");
    write("page/assets/a-1234.js.br", "br");
    write("page/assets/a-1234.js.gz", "gz");
    write("page/machine.wasm", "wasm");
    fs::create_symlink(folder_ / "secret.txt", folder_ / "page/link.txt");
    files_ = PageFiles{folder_ / "page", 1000};
  }
  ~PageFilesTest() override { fs::remove_all(folder_); }

  void write(const char* name, const char* text) { std::ofstream{folder_ / name} << text; }
  Response get(std::string_view target, std::string_view accept = {},
               std::string_view tag = {}) const {
    return files_.get({target, accept, tag});
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  fs::path folder_;
  PageFiles files_;
};

TEST_F(PageFilesTest, ServesFilesWithTheirTypes) {
  EXPECT_EQ(get("/").body, "<p>page");
  EXPECT_EQ(get("/index.html?x=1").body, "<p>page");
  EXPECT_EQ(header(get("/"), "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(header(get("/machine.wasm"), "Content-Type"), "application/wasm");
  EXPECT_EQ(header(get("/assets/a-1234.js"), "Content-Type"), "text/javascript; charset=utf-8");
}

TEST_F(PageFilesTest, ServesTheBestCompressedFormThatTheClientTakes) {
  EXPECT_EQ(get("/assets/a-1234.js", "gzip, deflate, br").body, "br");
  EXPECT_EQ(get("/assets/a-1234.js", "gzip").body, "gz");
  EXPECT_EQ(header(get("/assets/a-1234.js", "gzip"), "Content-Encoding"), "gzip");
  EXPECT_EQ(get("/assets/a-1234.js", "br;q=0, gzip;q=0.5").body, "gz");
  EXPECT_EQ(get("/assets/a-1234.js", "identity").body, "let a");
  EXPECT_EQ(header(get("/assets/a-1234.js", "br"), "Content-Type"),
            "text/javascript; charset=utf-8");
}

TEST_F(PageFilesTest, CachesHashedFilesForGoodAndThePageNever) {
  EXPECT_EQ(header(get("/assets/a-1234.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(header(get("/"), "Cache-Control"), "no-cache");
  const std::string tag = header(get("/"), "ETag");
  EXPECT_EQ(get("/", "", tag).status, 304u);
  EXPECT_EQ(get("/", "", "\"other\"").status, 200u);
}

TEST_F(PageFilesTest, LetsNobodyOut) {
  for (const char* target : {"/../secret.txt",
                             "/assets/../../secret.txt",
                             "/%2e%2e/secret.txt",
                             "/..%2fsecret.txt",
                             "/%2e%2e%2fsecret.txt",
                             "/assets/%2e%2e/%2e%2e/secret.txt",
                             "/..\\secret.txt",
                             "/%5c..%5csecret.txt",
                             "//../secret.txt",
                             "/./../secret.txt",
                             "/link.txt",
                             "/.hidden",
                             "/%00",
                             "/index.html%00.js",
                             "/%",
                             "/%2",
                             "/%zz",
                             "secret.txt",
                             "*",
                             "",
                             "http://x/../secret.txt"}) {
    const Response response = get(target);
    EXPECT_TRUE(response.status == 400 || response.status == 404)
        << target << " " << response.status;
    EXPECT_EQ(response.body.find("secret\n"), std::string::npos) << target;
  }
}

TEST_F(PageFilesTest, NamesWhatIsNotThere) {
  EXPECT_EQ(get("/nothing.js").status, 404u);
  EXPECT_EQ(get("/nothing.js").body, "the page has no file /nothing.js\n");
  EXPECT_EQ(get("/assets").status, 404u);
  EXPECT_EQ(PageFiles{}.get({"/", "", ""}).status, 404u);
}

}  // namespace
}  // namespace moonwire::proxy
