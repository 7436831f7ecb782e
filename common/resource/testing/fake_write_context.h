#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "common/resource/kind.h"

namespace oversight::resource::testing {

// A WriteContext over what a test puts into it, for testing the decisions of kinds without a database.
class FakeWriteContext final : public WriteContext {
 public:
  explicit FakeWriteContext(CivilDay today) : today_(today) {}

  // Stores a resource under the key of its name, in place of an earlier one.
  void Put(const Kind& kind, absl::string_view name, const Message& state) {
    auto copy = std::unique_ptr<Message>(state.New());
    copy->CopyFrom(state);
    stored_[kind.table][kind.pattern->Match(name).value()] = std::move(copy);
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
