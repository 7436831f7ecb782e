#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/testing/scratch_folder.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/oversightctl/import/directory.h"

namespace oversight::ctl {

// Tests of what a directory of files would import into authority `a`.
class PlanTest : public ::testing::Test {
 protected:
  // File names without `.csv`, and their text.
  static Plan PlanFiles(const std::map<std::string, std::string>& files) {
    const ::oversight::testing::ScratchFolder folder;
    for (const auto& [name, text] : files) folder.Write(name + ".csv", text);
    Plan plan;
    EXPECT_TRUE(PlanDirectory(folder.path(), "a", "ssd", plan).ok());
    return plan;
  }

  // The resources of a kind, each on one line.
  static std::vector<std::string> Texts(const Plan& plan, const std::string& label) {
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::vector<std::string> texts;
    for (const auto& kind : plan.kinds()) {
      if (kind.kind->label != label) continue;
      for (const Item& item : kind.items) {
        std::string text;
        printer.PrintToString(*item.resource, &text);
        if (!text.empty() && text.back() == ' ') text.pop_back();
        texts.push_back(std::move(text));
      }
    }
    return texts;
  }

  static std::vector<std::string> Refusals(const Plan& plan) {
    std::vector<std::string> texts;
    for (const Refusal& refusal : plan.refusals()) texts.push_back(ToText(refusal));
    return texts;
  }
};

}  // namespace oversight::ctl
