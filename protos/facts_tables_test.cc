// The tables "every fact, where it lives, the call that writes it" in the READMEs of the services: what they
// name exists, and no fact of any resource is left out.

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "oversight/caseload/v1/caseload_service.pb.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"

namespace oversight {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::ServiceDescriptor;

// What every resource has.
const std::set<std::string>& FieldsOfAll() {
  static const auto* fields =
      new std::set<std::string>{"name", "external_ids", "create_time", "update_time", "delete_time",
                                "etag", "withdrawal",   "start_date",  "end_date"};
  return *fields;
}

struct Row {
  std::string place;
  std::string call;
};

// The rows of the first table whose head has these three columns.
std::vector<Row> TableIn(const std::string& service) {
  std::ifstream file(std::string(OVERSIGHT_SOURCE_DIR) + "/services/" + service + "/README.md");
  std::vector<Row> rows;
  std::string line;
  while (std::getline(file, line) && line.rfind("| fact | ", 0) != 0) {
  }
  std::getline(file, line);  // the line under the head
  while (std::getline(file, line) && line.rfind("| ", 0) == 0) {
    std::stringstream cells(line.substr(1));
    std::string fact;
    Row row;
    std::getline(cells, fact, '|');
    std::getline(cells, row.place, '|');
    std::getline(cells, row.call, '|');
    rows.push_back(std::move(row));
  }
  return rows;
}

// What stands between backquotes, but for names of tables, patterns of names and numbers.
std::vector<std::string> Names(const std::string& cell) {
  std::vector<std::string> names;
  for (size_t begin = cell.find('`'); begin != std::string::npos; begin = cell.find('`', begin)) {
    const size_t end = cell.find('`', begin + 1);
    const std::string name = cell.substr(begin + 1, end - begin - 1);
    const bool is_table = begin >= 6 && cell.compare(begin - 6, 6, "table ") == 0;
    if (!is_table && name.find('/') == std::string::npos) names.push_back(name);
    begin = end + 1;
  }
  return names;
}

// The field in the resource or in a message within it.
bool HasField(const Descriptor& type, const std::string& field) {
  if (type.FindFieldByName(field) != nullptr) return true;
  for (int i = 0; i < type.nested_type_count(); ++i) {
    if (HasField(*type.nested_type(i), field)) return true;
  }
  return false;
}

class FactsTablesTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    // So that the library with all descriptors is there.
    ASSERT_NE(workforce::v1::CreateWorkerRequest::descriptor(), nullptr);
    service_ = DescriptorPool::generated_pool()->FindServiceByName(ServiceName());
    ASSERT_NE(service_, nullptr);
    ASSERT_FALSE(rows_.empty());
  }
  std::string Package() const { return "oversight." + GetParam() + ".v1."; }
  std::string ServiceName() const {
    std::string name = GetParam();
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return Package() + name + "Service";
  }
  // The kinds of the service: those that it can create.
  std::map<std::string, const Descriptor*> Kinds() const {
    std::map<std::string, const Descriptor*> kinds;
    for (int i = 0; i < service_->method_count(); ++i) {
      const Descriptor& type = *service_->method(i)->output_type();
      if (type.options().HasExtension(type::v1::resource)) kinds[type.name()] = &type;
    }
    return kinds;
  }

  const std::vector<Row> rows_ = TableIn(GetParam());
  const ServiceDescriptor* service_ = nullptr;
};

TEST_P(FactsTablesTest, WhatTheyNameExistsAndNoFactIsLeftOut) {
  const auto kinds = Kinds();
  std::map<std::string, std::set<std::string>> named;
  std::set<std::string> named_as_a_whole;
  for (const Row& row : rows_) {
    const Descriptor* kind = nullptr;
    std::string last;
    for (std::string name : Names(row.place)) {
      if (name[0] >= 'A' && name[0] <= 'Z') {
        const size_t dot = name.find('.');
        const auto found = kinds.find(name.substr(0, dot));
        ASSERT_NE(found, kinds.end()) << name << " is no resource of " << GetParam();
        kind = found->second;
        if (dot == std::string::npos) {
          named_as_a_whole.insert(kind->name());
          continue;
        }
        name = name.substr(dot);
      }
      ASSERT_NE(kind, nullptr) << name << " stands after no resource: " << row.place;
      if (name[0] == '.') name = name.substr(1);
      // `filed_date`, `_by`.
      if (name[0] == '_') name = last.substr(0, last.rfind('_')) + name;
      EXPECT_TRUE(HasField(*kind, name)) << kind->name() << " has no field " << name;
      named[kind->name()].insert(name);
      last = name;
    }
    for (const std::string& call : Names(row.call)) {
      EXPECT_NE(service_->FindMethodByName(call), nullptr) << ServiceName() << " has no " << call;
    }
  }
  for (const auto& [kind, type] : kinds) {
    if (named_as_a_whole.contains(kind) && named[kind].empty()) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const std::string& field = type->field(i)->name();
      if (FieldsOfAll().contains(field)) continue;
      EXPECT_TRUE(named[kind].contains(field)) << kind << "." << field << " stands in no row";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Services, FactsTablesTest, ::testing::Values("workforce", "caseload", "supervision"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace oversight
