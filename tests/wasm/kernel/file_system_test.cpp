#include "kernel/file_system.h"

#include <gtest/gtest.h>

namespace moonwire::kernel {
namespace {

using Paths = std::vector<std::string>;

TEST(FileSystem, ResolvesPathsAgainstTheProjectAndFoldsDots) {
  EXPECT_EQ(FileSystem::resolve("a.lua"), "/project/a.lua");
  EXPECT_EQ(FileSystem::resolve("./sub//../a.lua"), "/project/a.lua");
  EXPECT_EQ(FileSystem::resolve("../../../etc"), "/etc");
  EXPECT_EQ(FileSystem::resolve("/tmp/./x"), "/tmp/x");
  EXPECT_EQ(FileSystem::resolve(""), "/project");
  EXPECT_EQ(FileSystem::resolve("/.."), "/");
}

TEST(FileSystem, ListsBelowAFolderSorted) {
  FileSystem files{Limits{}};
  files.put("b.lua", "1");
  files.put("a/x.lua", "2");
  files.put("/lib/luasocket/socket.lua", "3", true);
  EXPECT_EQ(files.list("/project"), (Paths{"/project/a/x.lua", "/project/b.lua"}));
  EXPECT_EQ(files.list("a"), (Paths{"/project/a/x.lua"}));
  EXPECT_EQ(files.list("/").size(), 3u);
}

TEST(FileSystem, SaysWhyAFileCannotBeWritten) {
  FileSystem files{Limits{}};
  files.put("dir/file", "x");
  files.put("/lib/luasocket/socket.lua", "x", true);
  const auto why = [&](std::string_view path) {
    FileError error = FileError::none;
    files.open_for_write(path, true, error);
    return error;
  };
  EXPECT_EQ(why("dir"), FileError::is_directory);
  EXPECT_EQ(why("nowhere/file"), FileError::no_entry);
  EXPECT_EQ(why("dir/file/more"), FileError::not_directory);
  EXPECT_EQ(why("/lib/luasocket/socket.lua"), FileError::read_only);
  EXPECT_EQ(why("/lib/luasocket/new.lua"), FileError::read_only);
  EXPECT_EQ(why("/elsewhere"), FileError::read_only);
  EXPECT_EQ(why("dir/other"), FileError::none);
  EXPECT_EQ(why("/tmp/x"), FileError::none);
}

TEST(FileSystem, HoldsTheQuotaForAFileAndForAll) {
  FileSystem files{Limits{.file_system_bytes = 100, .file_bytes = 60, .files = 3}};
  EXPECT_EQ(files.put("a", std::string(61, 'x')), FileError::no_space);
  EXPECT_EQ(files.put("a", std::string(60, 'x')), FileError::none);
  EXPECT_EQ(files.put("b", std::string(41, 'x')), FileError::no_space);
  EXPECT_EQ(files.put("b", std::string(40, 'x')), FileError::none);
  FileError error = FileError::none;
  const auto c = files.open_for_write("c", true, error);
  EXPECT_EQ(files.resize(*c, 1), FileError::no_space);
  EXPECT_EQ(files.put("d", ""), FileError::no_space) << "a fourth file";
  EXPECT_EQ(files.put("a", ""), FileError::none);
  EXPECT_EQ(files.resize(*c, 60), FileError::none);
  EXPECT_EQ(files.used_bytes(), 100u);
}

TEST(FileSystem, ARemovedFileLivesAndCountsUntilTheLastHasClosedIt) {
  FileSystem files{Limits{}};
  FileError error = FileError::none;
  auto file = files.open_for_write("log", true, error);
  files.resize(*file, 10);
  EXPECT_EQ(files.remove("log"), FileError::none);
  EXPECT_EQ(files.find("log"), nullptr);
  EXPECT_EQ(files.used_bytes(), 10u);
  file.reset();
  EXPECT_EQ(files.used_bytes(), 0u);
}

TEST(FileSystem, RenamingReplacesTheTarget) {
  FileSystem files{Limits{}};
  files.put("a", "new");
  files.put("b", "old");
  EXPECT_EQ(files.rename("a", "b"), FileError::none);
  EXPECT_EQ(files.find("b")->bytes, "new");
  EXPECT_EQ(files.find("a"), nullptr);
  EXPECT_EQ(files.used_bytes(), 3u);
  EXPECT_EQ(files.rename("a", "b"), FileError::no_entry);
}

TEST(FileSystem, TellsWhatScriptsChangedOnceAndOnlyInTheProject) {
  FileSystem files{Limits{}};
  FileError error = FileError::none;
  files.put("from-the-page", "x");
  files.open_for_write("written", true, error);
  files.open_for_write("/tmp/scratch", true, error);
  files.mark_changed("written");
  EXPECT_EQ(files.take_changed(), (Paths{"/project/written"}));
  EXPECT_TRUE(files.take_changed().empty());
}

}  // namespace
}  // namespace moonwire::kernel
