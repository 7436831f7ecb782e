#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/resource/field_rules.h"
#include "common/resource/kind.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace oversight::resource::testing {

// A resource in text format; the test fails when it cannot be read.
template <typename Resource>
Resource Text(const std::string& text) {
  Resource resource;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &resource)) << text;
  return resource;
}

// A WriteContext over what a test puts into it, for testing kinds without a database. Like the real one it
// takes a change through the kind's normalisation, the annotations, the kind's validation and its decision;
// it does not look up references or parents.
class FakeWriteContext final : public WriteContext {
 public:
  explicit FakeWriteContext(CivilDay today) : today_(today) {}

  // Creates or replaces the resource of this name, if all rules allow it.
  absl::Status Write(const Kind& kind, const Message& resource) {
    auto after = std::unique_ptr<Message>(resource.New());
    after->CopyFrom(resource);
    if (kind.normalise) kind.normalise(*after);
    const auto* name = after->GetDescriptor()->FindFieldByName("name");
    const Key key = kind.pattern->Match(after->GetReflection()->GetString(*after, name)).value();
    std::vector<FieldViolation> violations;
    CheckFieldRules(*after, key.authority, "", violations);
    if (violations.empty() && kind.validate) kind.validate(*after, violations);
    OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
    OVERSIGHT_ASSIGN_OR_RETURN(const Message* before, Find(kind, key));
    if (kind.decide) OVERSIGHT_RETURN_IF_ERROR(kind.decide(*this, key, before, *after));
    stored_[kind.table][key] = std::move(after);
    return absl::OkStatus();
  }
  void Delete(const Kind& kind, absl::string_view name) {
    stored_[kind.table].erase(kind.pattern->Match(name).value());
  }
  // The stored resource of this name, which must exist.
  template <typename Resource>
  const Resource& Get(const Kind& kind, absl::string_view name) {
    return static_cast<const Resource&>(*stored_[kind.table].at(kind.pattern->Match(name).value()));
  }
  void set_importing(bool importing) { importing_ = importing; }
  void set_by_verb(bool by_verb) { by_verb_ = by_verb; }

  absl::StatusOr<const Message*> Find(const Kind& kind, const Key& key) override {
    const auto& table = stored_[kind.table];
    const auto found = table.find(key);
    return found == table.end() ? nullptr : found->second.get();
  }
  absl::StatusOr<std::vector<Item>> Siblings(const Kind& kind, const Key& any_of_them) override {
    return Select(kind, [&](const Key& key) {
      return key.authority == any_of_them.authority && key.parent == any_of_them.parent;
    });
  }
  absl::StatusOr<std::vector<Item>> InAuthority(const Kind& kind, absl::string_view authority) override {
    return Select(kind, [&](const Key& key) { return key.authority == authority; });
  }
  CivilDay today() const override { return today_; }
  bool importing() const override { return importing_; }
  bool by_verb() const override { return by_verb_; }

 private:
  template <typename Condition>
  std::vector<Item> Select(const Kind& kind, Condition condition) {
    std::vector<Item> items;
    for (const auto& [key, state] : stored_[kind.table]) {
      if (condition(key)) items.push_back({key, state.get()});
    }
    return items;
  }

  CivilDay today_;
  bool importing_ = false;
  bool by_verb_ = false;
  std::map<std::string, std::map<Key, std::unique_ptr<Message>>> stored_;
};

}  // namespace oversight::resource::testing
