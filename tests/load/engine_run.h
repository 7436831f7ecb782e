#pragma once

#include <iosfwd>
#include <string>

#include "absl/status/status.h"
#include "tests/load/england.h"

namespace oversight::load {

struct EngineOptions {
  EnglandSize size;
  std::string policies;
  int rounds = 3;
  int writes = 2000;
  int many_workers = 35000;
  int many_months = 4;
  std::string parts = "sweep,kept,sql,rejudge,months,memory,start";
  bool by_rule = false;
  bool by_part = false;
  std::string rule = {};
  bool store = false;
};

// Makes up the facts and prints what the engine does over them, as Markdown.
absl::Status RunEngine(const EngineOptions& options, std::ostream& out);

}  // namespace oversight::load
