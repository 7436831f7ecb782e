#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace oversight::testing {

// A folder of one test's own, empty at first, which goes with it.
class ScratchFolder {
 public:
  ScratchFolder() : path_(::testing::TempDir() + "oversight_XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "no folder can be made: " << path_;
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file, `sub/name.txt`, and the folders above it; returns its path.
  std::string Write(const std::string& name, absl::string_view text) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out << std::string(text);
    EXPECT_TRUE(out.flush()) << file;
    return file.string();
  }

 private:
  std::string path_;
};

}  // namespace oversight::testing
